/** What conditions and rollouts call a user's key. */
export const USER_KEY = 'keyId';

/** Whether an attribute is probably meant as the user's key. Taken as it stands nobody has it, so that everybody is in the same part of a rollout. */
export function isMeantAsUserKey(attribute: string): boolean {
  return attribute !== USER_KEY && /^(?:key|key_?id|user_?key|user\.key|user_?key_?id)$/i.test(attribute.trim());
}
