// The Azure ML workspace and what the service wants beside one: a vault, an account for logs of jobs, and insights.
// None of it holds images or models: those are in Barometer's own storage account.

param location string
param workspaceName string
param accountName string
param vaultName string
param registryId string
param identityId string
param identityPrincipalId string
param workerPrincipalId string

@description('Object ids of people.')
param operators array

var contributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')
var blobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var vaultAdministrator = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '00482a5a-887f-4fb3-b363-3b7fe8e74483')
var dataScientist = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'f6c7c914-8db3-469d-8ca1-694a8f32e121')

resource logs 'Microsoft.OperationalInsights/workspaces@2021-06-01' = {
  name: '${workspaceName}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${workspaceName}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-02-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 7
  }
}

// The service reaches its own account by key, so that it has one; whoever reads the logs of jobs does so through the service.
resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: accountName
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource manageAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identityPrincipalId, contributor)
  properties: { roleDefinitionId: contributor, principalId: identityPrincipalId, principalType: 'ServicePrincipal' }
}

resource writeAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identityPrincipalId, blobDataContributor)
  properties: { roleDefinitionId: blobDataContributor, principalId: identityPrincipalId, principalType: 'ServicePrincipal' }
}

resource manageVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identityPrincipalId, contributor)
  properties: { roleDefinitionId: contributor, principalId: identityPrincipalId, principalType: 'ServicePrincipal' }
}

resource useVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identityPrincipalId, vaultAdministrator)
  properties: { roleDefinitionId: vaultAdministrator, principalId: identityPrincipalId, principalType: 'ServicePrincipal' }
}

resource manageInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identityPrincipalId, contributor)
  properties: { roleDefinitionId: contributor, principalId: identityPrincipalId, principalType: 'ServicePrincipal' }
}

resource workspace 'Microsoft.MachineLearningServices/workspaces@2022-10-01' = {
  name: workspaceName
  location: location
  sku: { name: 'Basic', tier: 'Basic' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    friendlyName: workspaceName
    description: 'Trains the networks of Barometer'
    primaryUserAssignedIdentity: identityId
    storageAccount: account.id
    keyVault: vault.id
    applicationInsights: insights.id
    containerRegistry: registryId
    publicNetworkAccess: 'Enabled'
    v1LegacyMode: false
  }
  dependsOn: [manageAccount, writeAccount, manageVault, useVault, manageInsights]
}

// Jobs, environments, data and models, but neither the workspace itself nor its clusters.
resource workersSubmit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workspace
  name: guid(workspace.id, workerPrincipalId, dataScientist)
  properties: { roleDefinitionId: dataScientist, principalId: workerPrincipalId, principalType: 'ServicePrincipal' }
}

resource operatorsSubmit 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: workspace
  name: guid(workspace.id, operator, dataScientist)
  properties: { roleDefinitionId: dataScientist, principalId: operator, principalType: 'User' }
}]

output name string = workspace.name
output mlflowTrackingUri string = workspace.properties.mlFlowTrackingUri
