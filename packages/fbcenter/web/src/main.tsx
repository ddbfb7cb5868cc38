import './styles/index.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queries.js';
import { App } from './app.js';
import { applyTheme } from './shell/theme.js';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place to draw itself.');
applyTheme();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
