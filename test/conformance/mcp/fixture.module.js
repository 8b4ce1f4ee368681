// What the official conformance suite of MCP expects a server to have, as a module of a team's own: it asks nothing of the server
// but its public door. Plain JavaScript, so that the built server loads it as it is.
import { McpCatalog, McpModule, ToolRegistry, ToolsModule } from 'mcpw';

import { FixturePrompts } from './fixture-prompts.js';
import { FixtureResources } from './fixture-resources.js';
import { FixtureTools } from './fixture-tools.js';

const FIXTURE = Symbol('ConformanceFixture');

class FixtureModule {}

export default {
  module: FixtureModule,
  imports: [McpModule, ToolsModule],
  providers: [
    {
      provide: FIXTURE,
      inject: [ToolRegistry, McpCatalog],
      useFactory: (tools, catalog) => {
        const prompts = new FixturePrompts();
        const source = new FixtureTools(prompts);
        tools.add(source);
        catalog.addPrompts(prompts);
        catalog.addResources(new FixtureResources());
        return source;
      },
    },
  ],
};
