import { describe, expect, it } from 'vitest';
import { newSigningSecret, signed } from '../../src/webhooks/signature.js';

const NOW = 1_614_265_330_500;

describe('the signature of a message to a webhook', () => {
  it('is that of the Standard Webhooks specification', () => {
    // Computed with openssl: printf '%s' "$ID.$TIMESTAMP.$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64
    const current = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(
      signed('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', { current, previous: undefined }, NOW),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('changes with the id, the time, the body and the secret', () => {
    const secrets = { current: newSigningSecret(), previous: undefined };
    const of = (...[id, body, own, now]: Parameters<typeof signed>) => signed(id, body, own, now)['webhook-signature'];
    const base = of('msg_1', '{}', secrets, NOW);
    expect(of('msg_1', '{}', secrets, NOW + 499)).toBe(base);
    for (const other of [
      of('msg_2', '{}', secrets, NOW),
      of('msg_1', '{ }', secrets, NOW),
      of('msg_1', '{}', secrets, NOW + 1_000),
      of('msg_1', '{}', { ...secrets, current: newSigningSecret() }, NOW),
    ]) {
      expect(other).toMatch(/^v1,[\w+/]{43}=$/);
      expect(other).not.toBe(base);
    }
  });

  it('is one by each secret for as long as the one before counts', () => {
    const [current, value] = [newSigningSecret(), newSigningSecret()];
    const by = (secret: string) =>
      signed('m', '{}', { current: secret, previous: undefined }, NOW)['webhook-signature'];
    const secrets = { current, previous: { value, until: NOW + 1 } };
    expect(signed('m', '{}', secrets, NOW)['webhook-signature']).toBe(`${by(current)} ${by(value)}`);
    expect(signed('m', '{}', { current, previous: { value, until: NOW } }, NOW)['webhook-signature']).toBe(by(current));
  });
});

describe('a new secret', () => {
  it('is 256 random bits in the form that libraries of the specification take', () => {
    const secrets = Array.from({ length: 50 }, newSigningSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
      expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
    }
  });
});
