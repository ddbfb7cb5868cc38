'use client';

import { createContext, useContext } from 'react';

const Flags = createContext({});

/** The visitor's flags for the components in a browser, as the server has evaluated them: no request for them, no flicker. */
export function FlagsProvider({ flags, children }) {
  return <Flags.Provider value={flags}>{children}</Flags.Provider>;
}

export function useFlag(key, otherwise) {
  return useContext(Flags)[key] ?? otherwise;
}
