// Gives every module the settings that the start has read and checked.
import { Module, type DynamicModule } from '@nestjs/common';

import { Config } from './config.js';

@Module({})
export class ConfigModule {
  /** Global: any provider may ask for `@Inject(Config)`. */
  static of(config: Config): DynamicModule {
    return { module: ConfigModule, global: true, providers: [{ provide: Config, useValue: config }], exports: [Config] };
  }
}
