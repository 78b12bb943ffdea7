import { Nav, NavItem, NavList, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

/** Where one can go. */
export function SideNavigation() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const places = [
    { to: '/', title: t('Overview'), isHere: pathname === '/' },
    { to: '/reports', title: t('Reports'), isHere: pathname.startsWith('/reports') },
  ];
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t('Pages')}>
          <NavList>
            {places.map(({ to, title, isHere }) => (
              <NavItem key={to} isActive={isHere} itemId={to}>
                <Link to={to}>{title}</Link>
              </NavItem>
            ))}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
