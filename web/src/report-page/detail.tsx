import { DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from '@patternfly/react-core';
import type { ReactNode } from 'react';

type DetailProps = { readonly term: string; readonly children: ReactNode };

/** One term with what there is to say of it. */
export function Detail({ term, children }: DetailProps) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription className="muster-prose">{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
