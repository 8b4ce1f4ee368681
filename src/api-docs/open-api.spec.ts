// The OpenAPI document and its page, on Fastify.
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { setupOpenApi } from './open-api.js';

@Controller('api/v1/things')
class ThingsController {
  @Get(':id')
  read(): object {
    return {};
  }
}

describe('the OpenAPI document', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [ThingsController] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    setupOpenApi(app, '1.2.3');
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());

  const get = (url: string) => app.inject({ method: 'GET', url });

  it('describes the routes', async () => {
    const document = (await get('/api/docs/openapi.json')).json();
    expect(document.info.version).toBe('1.2.3');
    expect(Object.keys(document.paths)).toEqual(['/api/v1/things/{id}']);
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const page = await get('/api/docs');
    expect(page.statusCode).toBe(200);
    const sources = [...page.body.matchAll(/(?:src|href)=["']([^"']*)["']/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(2);
    expect(sources.filter((source) => /^(https?:)?\/\//.test(source))).toEqual([]);
    const script = await get('/api/docs/swagger-ui-bundle.js');
    expect(script.statusCode).toBe(200);
  });
});
