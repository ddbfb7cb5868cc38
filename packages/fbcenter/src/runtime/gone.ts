/** Nobody is there any more to read the answer: what it says matters to nobody. */
export function gone(): Error {
  return Object.assign(new Error('The client is gone'), { statusCode: 408 });
}
