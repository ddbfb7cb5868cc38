/** NestJS 11: a module that brings the client, and ends it with the application. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import 'reflect-metadata';
import { Controller, Get, Global, Inject, Module, type OnApplicationShutdown, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';

/** Nest waits for it at the start, as for every provider with a promise. */
async function connectFlags(): Promise<FBClient> {
  const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
  await flags.waitForInitialization(5_000);
  return flags;
}

@Global()
@Module({ providers: [{ provide: FBClient, useFactory: connectFlags }], exports: [FBClient] })
class FlagsModule implements OnApplicationShutdown {
  readonly #flags: FBClient;

  constructor(@Inject(FBClient) flags: FBClient) {
    this.#flags = flags;
  }

  /** Nest calls it when no request is under way any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#flags.close();
  }
}

@Controller()
class ShopController {
  readonly #flags: FBClient;

  constructor(@Inject(FBClient) flags: FBClient) {
    this.#flags = flags;
  }

  @Get()
  home(@Query('user') key = 'anonymous') {
    const user = { key };
    return {
      theme: this.#flags.variation('shop-theme', user, 'light'),
      checkout: this.#flags.variation('new-checkout', user, false),
    };
  }
}

@Module({ imports: [FlagsModule], controllers: [ShopController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());
