/** An object that behaves like another except for one method. */
export function overriding<T extends object, Name extends keyof T>(target: T, name: Name, method: T[Name]): T {
  return new Proxy(target, {
    get(_, property) {
      if (property === name) return method;
      // Bound, because methods that reach private fields cannot be called on the proxy.
      const member: unknown = Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
