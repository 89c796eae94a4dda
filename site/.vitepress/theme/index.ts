import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { h } from 'vue'
import chat from '../../../docs/chat.svg'
import './style.css'

const picture = () => h('img', { src: chat, alt: 'Two people and a bot talk in a room of the demo chat' })

// The fonts of the system: the site brings none, and asks nobody for one.
const theme: Theme = {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'home-hero-image': picture }),
}

export default theme
