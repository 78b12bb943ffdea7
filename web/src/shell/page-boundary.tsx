import { PageSection } from '@patternfly/react-core';
import { Component, type ReactNode } from 'react';
import { Failure } from './failure.tsx';

type PageBoundaryProps = { readonly children: ReactNode };

/** Keeps what stands around a page when the page itself could not be loaded or drawn, and offers to load it again. */
export class PageBoundary extends Component<PageBoundaryProps, { readonly error?: Error }> {
  override readonly state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <PageSection>
        <Failure error={error} onRetry={() => location.reload()} />
      </PageSection>
    );
  }
}
