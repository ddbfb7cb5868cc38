import { useCallback, useEffect, useRef, useState } from 'react';
import type { SortKey } from '../../model/search.js';
import { rememberList, replaceParameters, useParameters } from '../../shell/navigation.js';

/** Browsers allow only so many changes of the address in a while: it follows when typing rests, in milliseconds. */
const ADDRESS_DELAY = 250;

/** Search, order and place stand in the address: Back brings all of them again, and so does the link back to the list. */
export function useAddress(environment: string) {
  const parameters = useParameters();
  const inAddress = parameters.get('q') ?? '';
  const [text, setText] = useState(inAddress);
  const written = useRef(inAddress);
  useEffect(() => {
    // The address changed by itself, as by Back: it decides.
    if (inAddress === written.current) return;
    written.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (text === written.current) return;
    const timer = setTimeout(() => {
      written.current = text;
      replaceParameters({ q: text });
    }, ADDRESS_DELAY);
    return () => clearTimeout(timer);
  }, [text]);

  const [active, setActive] = useState(parameters.get('at') ?? undefined);
  const activate = useCallback((key: string) => {
    setActive(key);
  }, []);
  // Written when the page is left, not with each arrow.
  const latest = useRef({ active, text });
  latest.current = { active, text };
  useEffect(() => {
    const write = () => {
      written.current = latest.current.text;
      replaceParameters({ q: latest.current.text, at: latest.current.active ?? '' });
      rememberList(environment);
    };
    document.addEventListener('click', write, { capture: true });
    document.addEventListener('keydown', onEnter, { capture: true });
    function onEnter(event: KeyboardEvent) {
      if (event.key === 'Enter') write();
    }
    return () => {
      document.removeEventListener('click', write, { capture: true });
      document.removeEventListener('keydown', onEnter, { capture: true });
    };
  }, [environment]);

  const wanted = parameters.get('sort');
  const sort: SortKey = wanted === 'changed' || wanted === 'used' ? wanted : 'key';
  return { text, setText, sort, active, activate };
}
