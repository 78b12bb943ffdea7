import type {
  Action,
  DetailsItem,
  HorizontalNavTab,
  K8sResourceCommon,
  ModelMetadata,
  ResourceActionProvider,
} from '@openshift-console/dynamic-plugin-sdk';
import {
  DescriptionList,
  Dropdown,
  DropdownItem,
  DropdownList,
  Flex,
  Grid,
  GridItem,
  MenuToggle,
  PageSection,
  Spinner,
  Tab,
  Tabs,
  TabTitleText,
  Title,
} from '@patternfly/react-core';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Detail } from './details-card.tsx';
import { useExtensionsOf, useResolved } from './extensions.ts';
import { isSameKind, type KindName, kindOf } from './kinds.ts';
import { useK8sWatchResource } from './use-watch.ts';
import { translated } from './words.ts';

/** The page of one object: what can be done with it, its details, and tabs of plugins. */
export function ResourceDetails() {
  const { reference = '', namespace = '', name = '', '*': rest = '' } = useParams();
  const kind = kindOf(reference);
  const navigate = useNavigate();
  const [resource, isLoaded] = useK8sWatchResource<K8sResourceCommon | undefined>({ kind: reference, namespace, name });
  const tabs = useResolved<HorizontalNavTab>('console.tab/horizontalNav')[0].filter(({ properties }) =>
    isSameKind(properties.model, kind),
  );
  if (!isLoaded) return <Spinner aria-label="Loading" />;
  if (resource === undefined) return <Title headingLevel="h1">404: Not Found</Title>;
  const Current = tabs.find(({ properties }) => properties.page.href === rest)?.properties.component;
  const home = `/k8s/ns/${namespace}/${reference}/${name}`;
  return (
    <>
      <PageSection>
        <Flex justifyContent={{ default: 'justifyContentSpaceBetween' }}>
          <Title headingLevel="h1">
            <Badge kind={kind} /> {name}
          </Title>
          <Actions kind={kind} resource={resource} />
        </Flex>
        <Tabs activeKey={rest} aria-label="Of this object" onSelect={(_, key) => navigate(`${home}/${key}`)}>
          {[{ href: '', name: 'Details' }, ...tabs.map(({ properties }) => properties.page)].map(({ href, name }) => (
            <Tab
              key={href}
              eventKey={href}
              tabContentId="tab-content"
              title={<TabTitleText>{translated(name)}</TabTitleText>}
            />
          ))}
        </Tabs>
      </PageSection>
      <PageSection id="tab-content">
        {Current === undefined ? <Summary kind={kind} resource={resource} /> : <Current obj={resource} />}
      </PageSection>
    </>
  );
}

type OfObject = { readonly kind: KindName; readonly resource: K8sResourceCommon };

/** The kind's badge, coloured as a plugin's metadata says. */
function Badge({ kind }: { readonly kind: KindName }) {
  const metadata = useExtensionsOf<ModelMetadata>('console.model-metadata').find(({ properties }) =>
    isSameKind(properties.model, kind),
  );
  const { abbr = kind.kind.slice(0, 2), label = kind.kind } = metadata?.properties ?? {};
  return (
    <span className="host-badge" title={translated(label)}>
      {abbr}
    </span>
  );
}

function Summary({ kind, resource }: OfObject) {
  const items = useResolved<DetailsItem>('console.resource/details-item')[0].filter(({ properties }) =>
    isSameKind(properties.model, kind),
  );
  return (
    <Grid hasGutter>
      <GridItem md={6}>
        <DescriptionList>
          <Detail title="Name">{resource.metadata?.name}</Detail>
          <Detail title="Namespace">{resource.metadata?.namespace}</Detail>
          <Detail title="Created at">{resource.metadata?.creationTimestamp}</Detail>
        </DescriptionList>
      </GridItem>
      <GridItem md={6}>
        <DescriptionList>
          {items.map(({ uid, properties: { title, component: Value } }) => (
            <Detail key={uid} title={translated(title)}>
              {Value && <Value obj={resource} />}
            </Detail>
          ))}
        </DescriptionList>
      </GridItem>
    </Grid>
  );
}

/** What plugins let a person do with the object. */
function Actions({ kind, resource }: OfObject) {
  const [isOpen, setIsOpen] = useState(false);
  const providers = useResolved<ResourceActionProvider>('console.action/resource-provider')[0].filter(
    ({ properties }) => isSameKind(properties.model, kind),
  );
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(toggle) => (
        <MenuToggle ref={toggle} onClick={() => setIsOpen(!isOpen)} isExpanded={isOpen}>
          Actions
        </MenuToggle>
      )}
    >
      <DropdownList>
        {providers.map(({ uid, properties: { provider } }) => (
          <ProvidedActions key={uid} useActions={provider as Provider} resource={resource} />
        ))}
      </DropdownList>
    </Dropdown>
  );
}

type Provider = (resource: K8sResourceCommon) => readonly [readonly Action[], boolean, unknown];
type ProvidedProps = { readonly useActions: Provider; readonly resource: K8sResourceCommon };

function ProvidedActions({ useActions, resource }: ProvidedProps) {
  const [actions] = useActions(resource);
  const navigate = useNavigate();
  return actions.map(({ id, label, cta }) => (
    <DropdownItem key={id} onClick={() => (typeof cta === 'function' ? cta() : void navigate(cta.href))}>
      {label}
    </DropdownItem>
  ));
}
