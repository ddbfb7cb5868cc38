/** A file that a bundler would take; it is only type-checked. */
import { FBClient, type Options } from 'fbclient';

export function connect(envSecret: string): FBClient {
  const options: Options = {
    envSecret,
    streamingUrl: 'wss://flags.example.com',
    eventUrl: 'https://flags.example.com',
  };
  return new FBClient(options);
}
