import { lazy, Suspense, useEffect, useState } from 'react';
import { ApiError } from './api/http.js';
import { useEnvironments } from './api/queries.js';
import { useSignedIn } from './api/session.js';
import type { Route } from './model/route.js';
import { FlagsPage } from './pages/flags/flags-page.js';
import { SignInPage } from './pages/sign-in-page.js';
import { goTo, lastEnvironment, rememberEnvironment, useRoute } from './shell/navigation.js';
import { Shell } from './shell/shell.js';
import { SignInDialog } from './shell/sign-in-dialog.js';
import { Skeleton } from './ui/controls.js';
import { Heading } from './ui/heading.js';
import { Link } from './ui/link.js';
import { LoadFailure } from './ui/notice.js';
import { Toasts } from './ui/toasts.js';

// The list of flags is what most people open: everything else comes when it is asked for.
const EnvironmentsPage = lazy(() =>
  import('./pages/environments/environments-page.js').then((module) => ({ default: module.EnvironmentsPage })),
);
const FlagPage = lazy(() => loadFlagPage().then((module) => ({ default: module.FlagPage })));
const SegmentPage = lazy(() =>
  import('./pages/segments/segment-page.js').then((module) => ({ default: module.SegmentPage })),
);
const SegmentsPage = lazy(() =>
  import('./pages/segments/segments-page.js').then((module) => ({ default: module.SegmentsPage })),
);
const SettingsPage = lazy(() =>
  import('./pages/settings/settings-page.js').then((module) => ({ default: module.SettingsPage })),
);

const ExperimentsPage = lazy(() =>
  import('./pages/experiments/experiments-page.js').then((module) => ({ default: module.ExperimentsPage })),
);
const ExperimentPage = lazy(() =>
  import('./pages/experiments/experiment-page.js').then((module) => ({ default: module.ExperimentPage })),
);
const SetupPage = lazy(() =>
  import('./pages/experiments/setup-page.js').then((module) => ({ default: module.SetupPage })),
);

const AuditPage = lazy(() => import('./audit/audit-page.js').then((module) => ({ default: module.AuditPage })));
const ComparePage = lazy(() =>
  import('./pages/environments/compare-page.js').then((module) => ({ default: module.ComparePage })),
);

const WebhooksPage = lazy(() =>
  import('./pages/webhooks/webhooks-page.js').then((module) => ({ default: module.WebhooksPage })),
);

const WhyPage = lazy(() => import('./pages/why-page.js').then((module) => ({ default: module.WhyPage })));

const loadFlagPage = () => import('./pages/flag/flag-page.js');

const WelcomePage = lazy(() => import('./pages/welcome-page.js').then((module) => ({ default: module.WelcomePage })));

export function App() {
  const isSignedIn = useSignedIn();
  const { page } = useRoute();
  return (
    <>
      {page === 'welcome' ? (
        <Suspense fallback={<Skeleton lines={4} />}>
          <WelcomePage />
        </Suspense>
      ) : isSignedIn ? (
        <SignedIn />
      ) : (
        <SignInPage />
      )}
      <Toasts />
    </>
  );
}

function SignedIn() {
  const route = useRoute();
  const environments = useEnvironments();
  const [isSigningIn, setSigningIn] = useState(false);
  const signIn = () => setSigningIn(true);
  const list = environments.data ?? [];
  const named = 'environment' in route ? route.environment : undefined;
  const known = list.find(({ key }) => key === (named ?? lastEnvironment())) ?? list[0];
  const isSignedOut = environments.error instanceof ApiError && environments.error.kind === 'signed-out';

  useEffect(() => {
    if (named !== undefined) rememberEnvironment(named);
    else if (route.page === 'home' && known !== undefined) goTo({ page: 'flags', environment: known.key });
  }, [named, route.page, known]);

  const isNowhere = environments.data?.length === 0 && (route.page === 'home' || named !== undefined);
  const isUnknown = named !== undefined && environments.data !== undefined && known?.key !== named;
  return (
    <Shell route={route} environments={list} environment={named ?? known?.key} load={environments}>
      {isSignedOut && <LoadFailure of={environments} what="The page" onSignIn={signIn} />}
      {environments.data === undefined ? (
        <Waiting load={environments} />
      ) : isNowhere ? (
        <div className="page">
          <Heading title="There is no environment for you" />
          <p>You have a role in none: ask an admin for one.</p>
        </div>
      ) : isUnknown ? (
        <div className="page">
          <Heading title={`There is no environment ${named}`} />
          <p>
            <Link href="/environments">Look at the environments that there are</Link>
          </p>
        </div>
      ) : (
        <Suspense fallback={<Skeleton lines={8} />}>
          <Page route={route} />
        </Suspense>
      )}
      {isSigningIn && <SignInDialog onClose={() => setSigningIn(false)} />}
    </Shell>
  );
}

function Waiting({ load }: { readonly load: ReturnType<typeof useEnvironments> }) {
  if (load.error === null) return <Skeleton lines={8} />;
  return <LoadFailure of={load} what="The environments" />;
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'flags':
      return <FlagsPage key={route.environment} environment={route.environment} />;
    case 'flag':
      return (
        <FlagPage
          key={`${route.environment}/${route.key}`}
          environment={route.environment}
          flagKey={route.key}
          tab={route.tab}
        />
      );
    case 'why':
      return <WhyPage key={route.environment} environment={route.environment} />;
    case 'segments':
      return <SegmentsPage key={route.environment} environment={route.environment} />;
    case 'segment':
      return <SegmentPage key={`${route.environment}/${route.id}`} environment={route.environment} id={route.id} />;
    case 'experiments':
      return <ExperimentsPage key={route.environment} environment={route.environment} />;
    case 'experiment':
      return (
        <ExperimentPage
          key={`${route.environment}/${route.key}`}
          environment={route.environment}
          experimentKey={route.key}
        />
      );
    case 'experiment-setup':
      return (
        <SetupPage
          key={`${route.environment}/${route.key ?? ''}`}
          environment={route.environment}
          experimentKey={route.key}
        />
      );
    case 'webhooks':
      return <WebhooksPage key={route.environment} environment={route.environment} />;
    case 'compare':
      return <ComparePage />;
    case 'environments':
      return <EnvironmentsPage />;
    case 'audit':
      return <AuditPage />;
    case 'settings':
      return <SettingsPage />;
    case 'home':
      return <Skeleton lines={8} />;
    default:
      return (
        <div className="page">
          <Heading title="There is no page at this address" />
          <p>
            <Link href="/">Go to the flags</Link>
          </p>
        </div>
      );
  }
}
