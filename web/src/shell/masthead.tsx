import {
  DropdownItem,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadMain,
  MastheadToggle,
  PageToggleButton,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import { QuestionCircleIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useGenerate } from '../generate/use-generate.ts';
import { useClusterName } from '../overview/overview.ts';
import { Menu } from './menu.tsx';
import type { Session } from './session.ts';

type TopProps = {
  readonly session: Session;
  readonly onSignOut: () => void;
};

/** The bar at the top of every page. */
export function Top({ session, onSignOut }: TopProps) {
  const { t } = useTranslation();
  const clusterName = useClusterName();
  return (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton aria-label={t('Navigation')} />
        </MastheadToggle>
        <MastheadBrand>
          <Link to="/" className="muster-brand">
            <img src="/muster.svg" alt="" width="28" height="28" />
            <span translate="no">{t('Muster')}</span>
          </Link>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar>
          <ToolbarContent>
            <ToolbarGroup align={{ default: 'alignEnd' }} alignItems="center" gap={{ default: 'gapMd' }}>
              {clusterName !== '' && (
                <ToolbarItem visibility={{ default: 'hidden', md: 'visible' }} className="muster-cluster-name">
                  <bdi title={clusterName}>{clusterName}</bdi>
                </ToolbarItem>
              )}
              <ToolbarItem>
                <HelpMenu />
              </ToolbarItem>
              {session.user !== undefined && (
                <ToolbarItem>
                  <UserMenu session={session} username={session.user.username} onSignOut={onSignOut} />
                </ToolbarItem>
              )}
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

function HelpMenu() {
  const { t } = useTranslation();
  const generate = useGenerate();
  return (
    <Menu icon={<QuestionCircleIcon />} label={t('Help menu')}>
      <DropdownItem onClick={() => generate()}>{t('Generate diagnostic report')}</DropdownItem>
      <DropdownItem to="/docs" target="_blank" rel="noopener">
        {t('REST API')}
      </DropdownItem>
    </Menu>
  );
}

type UserMenuProps = { readonly session: Session; readonly username: string; readonly onSignOut: () => void };

function UserMenu({ session, username, onSignOut }: UserMenuProps) {
  const { t } = useTranslation();
  if (session.auth === 'none') return <bdi className="muster-user">{username}</bdi>;
  const name = (
    <bdi className="muster-user" title={username}>
      {username}
    </bdi>
  );
  return (
    <Menu variant="plainText" text={name}>
      <DropdownItem onClick={onSignOut}>{t('Sign out')}</DropdownItem>
    </Menu>
  );
}
