import { NextResponse } from 'next/server';
import { flags } from './lib/flags.js';

/** Answers for the page only, with what the flag is in a header. */
export async function guard() {
  await flags.waitForInitialization();
  const response = NextResponse.next();
  response.headers.set('x-flag', flags.variation('consumer', { key: 'ada' }, 'none'));
  return response;
}
