// The storage account of images, data sets, models and runs. It has no keys: whoever comes signs in as himself.

param location string
param accountName string
param redundancy string

@description('Principal ids of the workers, which make missing containers and write everywhere but over raw images.')
param writers array
param apiPrincipalId string
param trainingPrincipalId string

@description('Object ids of people.')
param operators array

var blobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var blobDataReader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: accountName
  location: location
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Cameras, workers and nodes come from different networks; a private endpoint is for those who have one.
    publicNetworkAccess: 'Enabled'
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

// A training writes its checkpoint over and over: what it was before is of use for days, and costs for ever.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        {
          name: 'earlier-versions'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: ['blockBlob'] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: 7 } } }
          }
        }
      ]
    }
  }
}

resource emotions 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'emotions'
  properties: { publicAccess: 'None' }
}

resource processed 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'processed'
  properties: { publicAccess: 'None' }
}

resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'models'
  properties: { publicAccess: 'None' }
}

resource runs 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'runs'
  properties: { publicAccess: 'None' }
}

// Who may call the API; it reads this and cannot write it.
resource access 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'access'
  properties: { publicAccess: 'None' }
}

resource usage 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'usage'
  properties: { publicAccess: 'None' }
}

// What operators say of their venues; the API reads this and cannot write it.
resource venues 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'venues'
  properties: { publicAccess: 'None' }
}

resource moods 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'moods'
  properties: { publicAccess: 'None' }
}

resource workersWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for writer in writers: {
  scope: account
  name: guid(account.id, writer, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: writer, principalType: 'ServicePrincipal' }
}]

resource operatorsWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: account
  name: guid(account.id, operator, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: operator, principalType: 'User' }
}]

resource apiReadsModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: models
  name: guid(models.id, apiPrincipalId, blobDataReader)
  properties: { roleDefinitionId: blobDataReader, principalId: apiPrincipalId, principalType: 'ServicePrincipal' }
}

resource apiReadsKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: access
  name: guid(access.id, apiPrincipalId, blobDataReader)
  properties: { roleDefinitionId: blobDataReader, principalId: apiPrincipalId, principalType: 'ServicePrincipal' }
}

resource apiNotesUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: usage
  name: guid(usage.id, apiPrincipalId, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: apiPrincipalId, principalType: 'ServicePrincipal' }
}

resource apiReadsVenues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: venues
  name: guid(venues.id, apiPrincipalId, blobDataReader)
  properties: { roleDefinitionId: blobDataReader, principalId: apiPrincipalId, principalType: 'ServicePrincipal' }
}

resource apiKeepsMoods 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: moods
  name: guid(moods.id, apiPrincipalId, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: apiPrincipalId, principalType: 'ServicePrincipal' }
}

resource trainingReadsDatasets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: processed
  name: guid(processed.id, trainingPrincipalId, blobDataReader)
  properties: { roleDefinitionId: blobDataReader, principalId: trainingPrincipalId, principalType: 'ServicePrincipal' }
}

resource trainingWritesRuns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: runs
  name: guid(runs.id, trainingPrincipalId, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: trainingPrincipalId, principalType: 'ServicePrincipal' }
}

@description('Without a slash at its end.')
output url string = 'https://${account.name}.blob.${environment().suffixes.storage}'
