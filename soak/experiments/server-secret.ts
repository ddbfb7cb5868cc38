/** The server secret of an environment, by the management API. */
export async function serverSecretOf(read: (path: string) => Promise<unknown>): Promise<string> {
  const { items } = (await read('/secrets')) as {
    readonly items: readonly { readonly id: string; readonly kind: string }[];
  };
  const id = items.find(({ kind }) => kind === 'server')?.id ?? '';
  return ((await read(`/secrets/${id}`)) as { readonly secret: string }).secret;
}
