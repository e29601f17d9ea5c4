// The nodes that trainings run on. With no training there are none, and nothing is paid.

param location string
param workspaceName string
param clusterName string

@description('As whom trainings read data sets and write what comes of them.')
param identityId string
param vmSize string
param maxNodes int
param idleSeconds int
param lowPriority bool

resource workspace 'Microsoft.MachineLearningServices/workspaces@2022-10-01' existing = {
  name: workspaceName
}

resource cluster 'Microsoft.MachineLearningServices/workspaces/computes@2022-10-01' = {
  parent: workspace
  name: clusterName
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    computeType: 'AmlCompute'
    description: 'Trains the networks of Barometer; nobody else needs it.'
    // Nobody logs in to the nodes: what happens there is in the logs.
    disableLocalAuth: true
    properties: {
      osType: 'Linux'
      vmSize: vmSize
      vmPriority: lowPriority ? 'LowPriority' : 'Dedicated'
      remoteLoginPortPublicAccess: 'Disabled'
      scaleSettings: {
        minNodeCount: 0
        maxNodeCount: maxNodes
        nodeIdleTimeBeforeScaleDown: 'PT${idleSeconds}S'
      }
    }
  }
}
