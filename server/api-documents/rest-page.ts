/** Swagger UI, from this service's own files: scripts of other hosts, and scripts in pages, browsers refuse here. */
export const REST_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>flora-asr: REST</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<script src="/docs/assets/swagger-ui-bundle.js" defer></script>
<script src="/docs/assets/swagger-initializer.js" defer></script>
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>This page is made by a script. <a href="/docs/openapi.json">The document itself</a> can be read without.</p></noscript>
</body>
</html>
`;
