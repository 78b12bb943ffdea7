import type { HrefNavItem, K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import {
  Dropdown,
  DropdownItem,
  DropdownList,
  Masthead,
  MastheadContent,
  MastheadMain,
  MastheadToggle,
  MenuToggle,
  Nav,
  NavExpandable,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
} from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useExtensionsOf } from './extensions.ts';
import { useK8sWatchResource } from './use-watch.ts';
import { translated } from './words.ts';

/** Masthead and navigation. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const masthead = (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton aria-label="Navigation" />
        </MastheadToggle>
        <strong>Console host, for tests</strong>
      </MastheadMain>
      <MastheadContent className="host-at-end">
        <HelpMenu />
      </MastheadContent>
    </Masthead>
  );
  const sidebar = (
    <PageSidebar>
      <PageSidebarBody>
        <SideNavigation />
      </PageSidebarBody>
    </PageSidebar>
  );
  return (
    <Page masthead={masthead} sidebar={sidebar} isManagedSidebar mainAriaLabel="Content">
      {children}
    </Page>
  );
}

function SideNavigation() {
  const items = useExtensionsOf<HrefNavItem>('console.navigation/href');
  const { pathname } = useLocation();
  return (
    <Nav aria-label="Navigation">
      <NavList>
        <NavExpandable title="Home" isExpanded isActive>
          <NavItem isActive={pathname.startsWith('/dashboards')}>
            <Link to="/dashboards">Overview</Link>
          </NavItem>
          {items
            .filter(({ properties }) => properties.section === 'home')
            .map(({ properties: { id, name, href, startsWith = [], dataAttributes } }) => (
              <NavItem key={id} isActive={[href, ...startsWith].some((start) => pathname.startsWith(start))}>
                <Link to={href} {...dataAttributes}>
                  {translated(name)}
                </Link>
              </NavItem>
            ))}
        </NavExpandable>
      </NavList>
    </Nav>
  );
}

type ConsoleLink = K8sResourceCommon & {
  readonly spec: { readonly href: string; readonly location: string; readonly text: string };
};

/** ConsoleLinks of the cluster, as the console's help menu has them: each opens a new tab. */
function HelpMenu() {
  const [isOpen, setIsOpen] = useState(false);
  const [links] = useK8sWatchResource<ConsoleLink[]>({ kind: 'console.openshift.io~v1~ConsoleLink', isList: true });
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      toggle={(toggle) => (
        <MenuToggle ref={toggle} variant="plain" aria-label="Help menu" onClick={() => setIsOpen(!isOpen)}>
          ?
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem key="about">About</DropdownItem>
        {links
          .filter(({ spec }) => spec.location === 'HelpMenu')
          .map(({ spec: { href, text } }) => (
            <DropdownItem key={href} to={href} target="_blank" rel="noopener noreferrer">
              {text}
            </DropdownItem>
          ))}
      </DropdownList>
    </Dropdown>
  );
}
