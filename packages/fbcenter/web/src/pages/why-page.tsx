import { Heading } from '../ui/heading.js';

export function WhyPage({ environment }: { readonly environment: string }) {
  return (
    <div className="page">
      <Heading title="Why?">Why? {environment}</Heading>
    </div>
  );
}
