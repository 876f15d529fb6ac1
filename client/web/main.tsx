import { render } from 'preact';
import { Page } from './components/page.tsx';
import { applyTheme } from './components/theme.ts';
import { watchService } from './service/service.ts';

applyTheme();
watchService();
const place = document.getElementById('page');
if (place !== null) render(<Page />, place);
