// The registry of the images that are built from commits.

param location string
param registryName string
param deployerPrincipalId string
param trainingPrincipalId string
param workspacePrincipalId string

@description('Object ids of people.')
param operators array

var pull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
var push = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '8311e382-0749-4cb8-b61a-304f252e45ec')
var contributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: registryName
  location: location
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource deployerPushes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, deployerPrincipalId, push)
  properties: { roleDefinitionId: push, principalId: deployerPrincipalId, principalType: 'ServicePrincipal' }
}

resource operatorsPush 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for operator in operators: {
  scope: registry
  name: guid(registry.id, operator, push)
  properties: { roleDefinitionId: push, principalId: operator, principalType: 'User' }
}]

resource nodesPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, trainingPrincipalId, pull)
  properties: { roleDefinitionId: pull, principalId: trainingPrincipalId, principalType: 'ServicePrincipal' }
}

// The service asks for no less of a workspace's own registry.
resource workspaceManages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, workspacePrincipalId, contributor)
  properties: { roleDefinitionId: contributor, principalId: workspacePrincipalId, principalType: 'ServicePrincipal' }
}

output id string = registry.id
output host string = registry.properties.loginServer
