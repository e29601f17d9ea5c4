// Everything in Azure that Barometer needs, in one resource group:
//
//   az deployment group create --resource-group barometer --template-file infra/main.bicep
//
// README.md beside this file goes from nothing to a first run. Repeating the deployment changes only what differs.
targetScope = 'resourceGroup'

@description('Where everything lies. It has to be a region that offers the size of the nodes.')
param location string = resourceGroup().location

@description('What names begin with: lower-case letters and digits, beginning with a letter.')
@minLength(3)
@maxLength(11)
param name string = 'barometer'

@description('Object ids of people who upload images, run workers on their machine and look into the workspace.')
param operators array = []

@description('How often images, data sets and models are kept: in one data centre, in three of the region, or in a second region too.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])
param redundancy string = 'Standard_LRS'

@description('Size of the nodes that trainings run on.')
param vmSize string = 'Standard_F4s_v2'

@description('The cluster grows to so many nodes, and shrinks to none.')
@minValue(1)
@maxValue(100)
param maxNodes int = 4

@description('A node with nothing to do is given back after this time.')
@minValue(60)
param idleSeconds int = 600

@description('Nodes at a fraction of the price, which Azure may take back at any time.')
param lowPriority bool = false

@description('Issuer URL of the Kubernetes cluster whose pods sign in as these identities; empty: none do.')
param kubernetesIssuer string = ''

@description('Namespace of Barometer in that cluster.')
param kubernetesNamespace string = 'barometer'

var suffix = uniqueString(resourceGroup().id)
var clusterName = 'barometer-cpu'

module identities 'identities.bicep' = {
  name: 'identities'
  params: {
    location: location
    name: name
    kubernetesIssuer: kubernetesIssuer
    kubernetesNamespace: kubernetesNamespace
  }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    location: location
    accountName: '${name}${suffix}'
    redundancy: redundancy
    writers: [
      identities.outputs.worker.principalId
      identities.outputs.deployer.principalId
    ]
    apiPrincipalId: identities.outputs.api.principalId
    trainingPrincipalId: identities.outputs.training.principalId
    operators: operators
  }
}

module registry 'registry.bicep' = {
  name: 'registry'
  params: {
    location: location
    registryName: '${name}${suffix}'
    deployerPrincipalId: identities.outputs.deployer.principalId
    trainingPrincipalId: identities.outputs.training.principalId
    workspacePrincipalId: identities.outputs.workspace.principalId
    operators: operators
  }
}

module workspace 'workspace.bicep' = {
  name: 'workspace'
  params: {
    location: location
    workspaceName: name
    accountName: '${name}${uniqueString(resourceGroup().id, 'workspace')}'
    vaultName: '${name}${suffix}'
    registryId: registry.outputs.id
    identityId: identities.outputs.workspace.id
    identityPrincipalId: identities.outputs.workspace.principalId
    workerPrincipalId: identities.outputs.worker.principalId
    operators: operators
  }
}

module cluster 'cluster.bicep' = {
  name: 'cluster'
  params: {
    location: location
    workspaceName: workspace.outputs.name
    clusterName: clusterName
    identityId: identities.outputs.training.id
    vmSize: vmSize
    maxNodes: maxNodes
    idleSeconds: idleSeconds
    lowPriority: lowPriority
  }
}

@description('What Barometer has to be told, by environment variable.')
output settings object = {
  BAROMETER_STORAGE_ACCOUNT_URL: storage.outputs.url
  BAROMETER_IMAGE_REPOSITORY: '${registry.outputs.host}/barometer'
  BAROMETER_AZURE_SUBSCRIPTION: subscription().subscriptionId
  BAROMETER_AZURE_RESOURCE_GROUP: resourceGroup().name
  BAROMETER_AZURE_ML_WORKSPACE: workspace.outputs.name
  BAROMETER_AZURE_ML_CLUSTER: clusterName
  BAROMETER_AZURE_ML_VM_SIZE: vmSize
  BAROMETER_AZURE_ML_MAX_NODES: string(maxNodes)
  BAROMETER_AZURE_ML_IDLE_SECONDS: string(idleSeconds)
  BAROMETER_AZURE_ML_LOW_PRIORITY: string(lowPriority)
  BAROMETER_AZURE_ML_IDENTITY: identities.outputs.training.id
}

@description('Client ids of the identities that pods sign in as, by their service account.')
output clientIds object = {
  'barometer-api': identities.outputs.api.clientId
  'barometer-worker': identities.outputs.worker.clientId
  'barometer-deployer': identities.outputs.deployer.clientId
}

@description('MLFLOW_TRACKING_URI, for trainings outside the workspace that are to be charted there; its jobs know it.')
output mlflowTrackingUri string = workspace.outputs.mlflowTrackingUri
