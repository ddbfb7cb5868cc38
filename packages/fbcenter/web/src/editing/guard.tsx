import { type ReactNode, useState } from 'react';
import { useEnvironments } from '../api/queries.js';
import { Field } from '../ui/controls.js';

/** What stands before a change in a protected environment: its name has to be typed. */
export interface Guard {
  readonly isOpen: boolean;
  /** Nothing where no environment is protected. */
  readonly field: ReactNode;
}

export function useGuard(environment: string): Guard {
  const [typed, setTyped] = useState('');
  const known = useEnvironments().data?.find(({ key }) => key === environment);
  if (known?.isProtected !== true) return { isOpen: true, field: null };
  const { name } = known;
  return {
    isOpen: typed.trim().toLowerCase() === name.toLowerCase(),
    field: (
      <Field label={`${name} is protected: type its name`}>
        <input
          data-autofocus=""
          value={typed}
          autoComplete="off"
          spellCheck={false}
          placeholder={name}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </Field>
    ),
  };
}
