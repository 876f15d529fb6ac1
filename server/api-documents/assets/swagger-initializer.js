// swagger-ui-dist has one of its own, which shows another document and asks another host whether it is valid
SwaggerUIBundle({
  url: '/docs/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
