/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page/page.js - what the page can do beyond being read. */
"use strict";
