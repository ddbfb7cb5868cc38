'use client';

import { useFlag } from './flags-provider.js';

export function Banner() {
  return <aside>in the browser: {useFlag('consumer', 'none')}</aside>;
}
