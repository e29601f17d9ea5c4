// As whom each part of Barometer signs in. None of them has a password or key.

param location string
param name string
param kubernetesIssuer string
param kubernetesNamespace string

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-worker'
  location: location
}

resource deployer 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-deployer'
  location: location
}

resource api 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-api'
  location: location
}

resource training 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-training'
  location: location
}

resource workspace 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-workspace'
  location: location
}

resource workerPods 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = if (!empty(kubernetesIssuer)) {
  parent: worker
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:${kubernetesNamespace}:barometer-worker'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource deployerPods 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = if (!empty(kubernetesIssuer)) {
  parent: deployer
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:${kubernetesNamespace}:barometer-deployer'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource apiPods 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = if (!empty(kubernetesIssuer)) {
  parent: api
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:${kubernetesNamespace}:barometer-api'
    audiences: ['api://AzureADTokenExchange']
  }
}

output worker object = {
  principalId: worker.properties.principalId
  clientId: worker.properties.clientId
}

output deployer object = {
  principalId: deployer.properties.principalId
  clientId: deployer.properties.clientId
}

output api object = {
  principalId: api.properties.principalId
  clientId: api.properties.clientId
}

output training object = {
  id: training.id
  principalId: training.properties.principalId
}

output workspace object = {
  id: workspace.id
  principalId: workspace.properties.principalId
}
