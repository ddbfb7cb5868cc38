export { FlagStream } from './flag-stream.js';

export default {
  async fetch(_request, env) {
    const flags = env.FLAGS.getByName('dev');
    return Response.json({ value: await flags.variation('consumer', { key: 'ada' }, 'none') });
  },
};
