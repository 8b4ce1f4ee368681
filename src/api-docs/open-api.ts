// The OpenAPI document of the HTTP side, at /api/docs. The WebSocket side is async-api.ts.
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

const DOCS_PATH = 'api/docs';

/** Serves the document as a page and as `/api/docs/openapi.json`; the page loads nothing from elsewhere. */
export function setupOpenApi(app: INestApplication, version: string): void {
  const description = new DocumentBuilder()
    .setTitle('MCPW')
    .setDescription(
      'The HTTP side of the MCPW server: keys, tickets, health, statistics and metrics. Agents talk to `/ws`, which `/api/docs/asyncapi.json` describes.',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key or a JWT' })
    .build();
  SwaggerModule.setup(DOCS_PATH, app, () => SwaggerModule.createDocument(app, description), {
    customSiteTitle: 'MCPW API',
    jsonDocumentUrl: `${DOCS_PATH}/openapi.json`,
    yamlDocumentUrl: `${DOCS_PATH}/openapi.yaml`,
    // Swagger UI would send the document to a validator on the internet.
    swaggerOptions: { validatorUrl: null },
  });
}
