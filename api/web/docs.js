SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Otherwise it would send the document to a checker on the internet.
  validatorUrl: null,
});
