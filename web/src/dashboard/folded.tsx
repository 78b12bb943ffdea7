import { ExpandableSection } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';

type FoldedProps = {
  /** On what shows them: `2 more reports`. */
  readonly title: string;
  readonly children: ReactNode;
};

/** What there is no place for at once. Not rendered until somebody wants to see it. */
export function Folded({ title, children }: FoldedProps) {
  const [isExpanded, setIsExpanded] = useState(false);
  return (
    <ExpandableSection toggleText={title} isExpanded={isExpanded} onToggle={(_event, is) => setIsExpanded(is)}>
      {isExpanded && children}
    </ExpandableSection>
  );
}
