// Made by `npm run generate` from crates/api/openapi.json. Not to be changed by hand.

export interface paths {
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, the newest first */
        get: operations["audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether the log is whole */
        post: operations["verifyAudit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalogue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What there is to ask for a purpose */
        get: operations["catalogue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalogue/values": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The commonest values of a column, at most 200 */
        get: operations["values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collecting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the collector keeps up */
        get: operations["collecting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What customers said, by purpose */
        get: operations["consent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find customers by number or by what recognises them */
        post: operations["searchCustomers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole view of one customer */
        get: operations["customer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}/offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What to offer now, what not, and why */
        get: operations["offersNow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}/person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who a person is made of, and why */
        get: operations["person"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}/scores/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A score taken apart */
        get: operations["explainScore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened, the newest first */
        get: operations["timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/{customer}/unmask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Identifying values; needs a reason and is logged */
        post: operations["unmask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dashboards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All dashboards */
        get: operations["dashboards"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dashboards/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dashboard */
        get: operations["dashboard"];
        /** Write a dashboard */
        put: operations["writeDashboard"];
        post?: never;
        /** Remove a dashboard */
        delete: operations["removeDashboard"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files of the bank directory, of one kind */
        get: operations["definitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/{kind}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Write a journey or a segment into the bank directory and apply it */
        put: operations["writeDefinition"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/explore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a question made of shelves */
        post: operations["explore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/explore/behind": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The customers behind a group */
        post: operations["behindGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/explore/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The answer as a file */
        post: operations["exportShelves"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is new, and what needs attention */
        get: operations["home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/{event}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a merge or a split back */
        post: operations["undoIdentity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, the newest first */
        get: operations["jobs"];
        put?: never;
        /** Begin long work */
        post: operations["beginJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a job stands */
        get: operations["job"];
        put?: never;
        post?: never;
        /** Stop a job; what it has finished stays */
        delete: operations["cancelJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job as it goes on: an event `job` whenever it has moved */
        get: operations["jobEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Journeys of the bank directory */
        get: operations["journeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journeys/ask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a funnel, retention, sessions or paths */
        post: operations["askJourney"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journeys/behind": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The customers behind one of its numbers */
        post: operations["behindJourney"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** From sources to decisions */
        get: operations["lineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was loaded, the newest first */
        get: operations["loads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who has signed in */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys of machines that act for this user */
        get: operations["keys"];
        put?: never;
        /** A key for a machine; its secret is shown once */
        post: operations["addKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Let a key no longer in */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The passkeys of this user */
        get: operations["passkeys"];
        put?: never;
        /** Keep a passkey that was made */
        post: operations["addPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/passkeys/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a browser needs to make a passkey */
        post: operations["beginPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/passkeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a passkey */
        delete: operations["removePasskey"];
        options?: never;
        head?: never;
        /** Call a passkey something else */
        patch: operations["renamePasskey"];
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set another password */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A secret for an authenticator */
        post: operations["beginSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the authenticator from now on */
        post: operations["confirmSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the password alone */
        post: operations["removeSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All models and their versions */
        get: operations["models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version */
        get: operations["model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/versions/{version}/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve, refuse, promote … */
        post: operations["actOnModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/versions/{version}/card": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The card of a version */
        get: operations["modelCard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What may be recommended */
        get: operations["offers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who may see what */
        get: operations["policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quality, by table and column */
        get: operations["quality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Records that could not be stored, by what is wrong */
        get: operations["quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Records that could not be stored */
        get: operations["quarantinedRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segment-export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who belongs, as a file */
        post: operations["exportSegment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segment-members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who belongs */
        get: operations["members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All segments */
        get: operations["segments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who would belong, before anything is saved */
        post: operations["previewSegment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One segment */
        get: operations["segment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; answers with a cookie */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Where the bank's own sign-on is */
        post: operations["beginOidc"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Come back from there; goes on to the console */
        get: operations["finishOidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a passkey alone; answers with a cookie */
        post: operations["signInWithPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/passkey/challenge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a passkey is to sign */
        post: operations["passkeyChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/ways": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which ways in there are */
        get: operations["waysIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-out-everywhere": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all sessions of this user */
        post: operations["signOutEverywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where records come from */
        get: operations["sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a question in SQL */
        post: operations["sql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sql/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The answer as a file */
        post: operations["exportSql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sql/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Where the columns of an answer come from */
        post: operations["sqlLineage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All users */
        get: operations["users"];
        put?: never;
        /** Add a user; answers with a one-time password */
        post: operations["addUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change a user's name or roles, or let them in or out */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/v1/users/{user}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A one-time password instead of the one there is */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Something to be done with a version. Whoever trained it cannot approve it. */
        ActOnModel: {
            /** @enum {string} */
            act: "approve";
        } | {
            /** @enum {string} */
            act: "refuse";
            /** @description Why. */
            reason: string;
        } | {
            /** @enum {string} */
            act: "waive";
            /** @description Which. */
            guard: string;
            /** @description Why. */
            reason: string;
        } | {
            /** @enum {string} */
            act: "promote";
            /** @description Only watched. */
            challenger?: boolean;
        } | {
            /** @enum {string} */
            act: "retire";
            /** @description Why. */
            reason: string;
        } | {
            /** @enum {string} */
            act: "rollback";
            /** @description Why. */
            reason: string;
        };
        /**
         * @description How values of a group become one.
         * @enum {string}
         */
        Aggregate: "count" | "count_distinct" | "sum" | "mean" | "median" | "min" | "max";
        /** @description A column of an answer. */
        AnswerColumn: {
            /** @description What its values are: `number`, `text`, `bool`, `date`, `time`, `list`. */
            kind: string;
            /** @description What it is called. */
            name: string;
        };
        /** @description The customers behind a number, to be listed or saved. */
        AskBehind: {
            /**
             * Format: int32
             * @description Those after this customer.
             */
            after?: number | null;
            /** @description The question. */
            ask: components["schemas"]["AskJourney"];
            /** @description Which number. */
            cell: components["schemas"]["JourneyCell"];
            /**
             * Format: int32
             * @description At most so many, up to 1,000; 100 when absent.
             */
            limit?: number | null;
            /** @description Save them as a segment of that name. */
            save_as?: string | null;
        };
        /** @description The customers behind a group. */
        AskGroup: {
            /**
             * Format: int32
             * @description Those after this customer.
             */
            after?: number | null;
            /** @description The question. */
            ask: components["schemas"]["AskShelves"];
            /**
             * Format: int32
             * @description At most so many, up to 1,000; 100 when absent.
             */
            limit?: number | null;
            /** @description Save them as a segment of that name. */
            save_as?: string | null;
            /** @description By dimension: the value, as text as it is in the answer; nothing where it is missing. */
            values: (string | null)[];
        };
        /** @description A journey to be asked. */
        AskJourney: {
            /** @description A day or a time: what was known then. Now when absent. */
            as_of?: string | null;
            /** @description Which. */
            journey: components["schemas"]["JourneyDef"];
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
        };
        /** @description Shelves to be asked. */
        AskShelves: {
            /** @description A day or a time: what was known then. Now when absent. */
            as_of?: string | null;
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
            /** @description The question. */
            shelves: components["schemas"]["Shelves"];
        };
        /** @description Something that needs somebody. */
        Attention: {
            /** @description What kind: `quarantine`, `model_waits`, `model_drifts`, `stale`, `one_time_password` … */
            kind: string;
            /** @description What it is about: a source, a model, a segment. */
            of?: string | null;
            /** @description How urgent. */
            urgency: components["schemas"]["Urgency"];
            /** @description In words. */
            words: components["schemas"]["Words"];
        };
        /** @description A line of the audit log. */
        AuditEntry: {
            /** @description When. */
            at: components["schemas"]["EventTime"];
            /** @description What else is known of it, without values of customers. */
            detail: Record<string, never>;
            /** @description What happened: `query`, `look_up`, `refusal` … */
            kind: string;
            /**
             * Format: int64
             * @description Its number.
             */
            number: number;
            purpose?: components["schemas"]["Purpose"] | null;
            /** @description In which roles. */
            roles: components["schemas"]["Role"][];
            /** @description Who. */
            user: string;
        };
        /** @description Whether the audit log is whole. */
        AuditVerified: {
            /**
             * Format: int64
             * @description How many signed checkpoints agree.
             */
            checkpoints: number;
            /**
             * Format: int64
             * @description How many entries were looked at.
             */
            entries: number;
            /** @description Whether nothing was changed, removed or put in. */
            whole: boolean;
            /** @description What is wrong. */
            wrong?: string | null;
        };
        /** @description The bank. */
        BankFacts: {
            /** @description Its name. */
            name: string;
            /** @description An IANA name: what days are. */
            time_zone: string;
            /** @description The version of Florin. */
            version: string;
        };
        /** @description Somebody wants to sign in by the bank's own sign-on. */
        BeginOidc: {
            /** @description Where they want to go then: a path of ours. Anything else is left out. */
            next?: string | null;
        };
        /** @description Another segment. */
        Beside: {
            /**
             * Format: double
             * @description Both divided by either (Jaccard), 0 to 1.
             */
            alike: number;
            /**
             * Format: int64
             * @description How many belong to both.
             */
            both: number;
            /** @description Its name. */
            name: string;
            /**
             * Format: double
             * @description The share of this one's members, 0 to 1.
             */
            share: number;
        };
        /** @description What there is to ask for a purpose. */
        CatalogueFacts: {
            /** @description Segments that may be known, by name. */
            segments: {
                [key: string]: components["schemas"]["Words"];
            };
            /** @description Tables. */
            tables: components["schemas"]["TableFacts"][];
            /** @description Traits. */
            traits: components["schemas"]["TraitFacts"][];
        };
        /** @description Another password. Ends the user's other sessions. */
        ChangePassword: {
            /** @description The new one: at least 12 characters. */
            new: string;
            /** @description The one there is. */
            old: string;
        };
        /** @description What is to be otherwise; what is absent stays. */
        ChangeUser: {
            /** @description Whether they may sign in. */
            enabled?: boolean | null;
            /** @description What they are called. */
            name?: string | null;
            /** @description What they are at the bank. */
            roles?: components["schemas"]["Role"][] | null;
        };
        /** @description A cluster. */
        Cluster: {
            /** @description What sets it apart, the strongest first. */
            differences: components["schemas"]["Words"][];
            /**
             * Format: int32
             * @description From 1.
             */
            number: number;
            /**
             * Format: int64
             * @description How many belong.
             */
            size: number;
        };
        /** @description A code of an authenticator. */
        Code: {
            /** @description Six digits. */
            code: string;
        };
        /** @description Those who started in one period. */
        Cohort: {
            /** @description By periods later. */
            cells: components["schemas"]["CohortCell"][];
            /**
             * Format: int64
             * @description How many started in it.
             */
            customers: number;
            /** @description The first day of the period. */
            from: string;
        };
        /** @description Those who came back so many periods later. */
        CohortCell: {
            /** @description Whether the period has ended. */
            complete: boolean;
            /**
             * Format: int64
             * @description How many customers.
             */
            customers: number;
            /**
             * Format: int32
             * @description How many periods later.
             */
            later: number;
        };
        /** @description Whether the collector of events keeps up. */
        Collecting: {
            loaded_at?: components["schemas"]["EventTime"] | null;
            /** @description Whether the bank has a collector. */
            on: boolean;
            purpose?: components["schemas"]["Purpose"] | null;
            /**
             * Format: int64
             * @description Events that are on disk since the start.
             */
            stored: number;
            /**
             * Format: int64
             * @description Bytes that wait to be loaded.
             */
            waiting_bytes: number;
        };
        /** @description A column that may be asked. */
        ColumnFacts: {
            /** @description What it says. */
            about: string;
            /** @description How sensitive it is. */
            class: components["schemas"]["DataClass"];
            /** @description Whether it reads as NULL for this purpose. */
            masked: boolean;
            /** @description Its name. */
            name: string;
            /** @description Its type. */
            type: components["schemas"]["ColumnType"];
        };
        /** @description Where a result's column comes from. */
        ColumnLineage: {
            /** @description The column of the result. */
            column: string;
            /** @description Columns of sources' files that those are made of, as `source: column`. */
            sources: string[];
            /** @description Columns of tables that it is made of, as `table.column`. */
            tables: string[];
        };
        /** @description Quality of a column. */
        ColumnQuality: {
            /** @description Smallest and largest, for numbers and times that are not secret. */
            bounds?: [
                string,
                string
            ] | null;
            /** @description Which column. */
            column: string;
            /**
             * Format: double
             * @description Share of rows that have a value.
             */
            completeness?: number | null;
            /**
             * Format: int64
             * @description How many different values, about.
             */
            distinct: number;
            /**
             * Format: int64
             * @description Records put aside because of this column.
             */
            quarantined: number;
        };
        /**
         * @description What a column holds. Money is exact; times are UTC.
         * @enum {string}
         */
        ColumnType: "int" | "decimal" | "float" | "text" | "bool" | "date" | "timestamp";
        /**
         * @description What the same is compared with.
         * @enum {string}
         */
        Compare: "previous_period" | "previous_year";
        /** @description Two customers who were compared. */
        Compared: {
            /** @description A rule that decided without weights. */
            certain_rule?: string | null;
            /**
             * Format: int32
             * @description One of the two.
             */
            left: number;
            /**
             * Format: double
             * @description What speaks for it before anything is compared, in bits.
             */
            prior_weight: number;
            /**
             * Format: double
             * @description The probability that they are one.
             */
            probability: number;
            /**
             * Format: int32
             * @description The other.
             */
            right: number;
            /** @description What each comparison added, in bits. */
            steps: components["schemas"]["ComparedStep"][];
            /**
             * Format: double
             * @description All together, in bits.
             */
            weight: number;
        };
        /** @description One comparison. */
        ComparedStep: {
            /** @description What was compared. */
            comparison: string;
            /** @description How alike it is. */
            level: string;
            /**
             * Format: double
             * @description What it adds, in bits.
             */
            weight: number;
        };
        /** @description What a customer said on a purpose. */
        ConsentWord: {
            /** @description Which purpose. */
            purpose: components["schemas"]["Purpose"];
            /** @description `given` or `withdrawn`; what holds without a word is on the purpose. */
            state: string;
        };
        /** @description How many records were read, and what became of them. */
        Counts: {
            /**
             * Format: int64
             * @description Already known by their key.
             */
            duplicate: number;
            /**
             * Format: int64
             * @description Could not be stored; kept with the reason and the raw text.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description Records found in the input.
             */
            read: number;
            /**
             * Format: int64
             * @description Not stored because the customer's consent forbids it.
             */
            refused: number;
            /**
             * Format: int64
             * @description Stored in the lake.
             */
            stored: number;
        };
        /** @description The whole view of one customer. */
        Customer: {
            /** @description When this was asked. */
            at: components["schemas"]["EventTime"];
            /** @description What they said on each purpose. */
            consent: components["schemas"]["ConsentWord"][];
            /**
             * Format: int32
             * @description The person's number.
             */
            customer: number;
            /** @description What they are to be offered, the best first. */
            offers: components["schemas"]["CustomerOffer"][];
            /** @description What is known of them: values of traits. */
            profile: components["schemas"]["TraitValue"][];
            /** @description Their latest records, by table; at most ten of each. */
            records: components["schemas"]["Records"][];
            /** @description What models foretell of them. */
            scores: components["schemas"]["CustomerScore"][];
            /** @description Segments they belong to, as far as that may be known. */
            segments: components["schemas"]["InSegment"][];
        };
        /** @description An offer to a customer. */
        CustomerOffer: {
            /** @description The time it is as of. */
            as_of: components["schemas"]["EventTime"];
            /** @description What it is called. */
            meaning: components["schemas"]["Words"];
            /** @description Which. */
            offer: string;
            /** @description Whether the order went by what is personal. */
            personalised: boolean;
            /**
             * Format: int32
             * @description 1 for the first.
             */
            place: number;
            /** @description For which purpose. */
            purpose: components["schemas"]["Purpose"];
            /** @description Why. */
            reasons: components["schemas"]["Words"][];
            /**
             * Format: double
             * @description What it was ranked by; nothing where this purpose may not see it.
             */
            score?: number | null;
        };
        /** @description Customers, a page of them. */
        CustomerPage: {
            /** @description By number. */
            customers: number[];
            /**
             * Format: int32
             * @description Ask for those after this one to go on; nothing at the end.
             */
            next_after?: number | null;
            /**
             * Format: int64
             * @description How many there are.
             */
            total: number;
        };
        /** @description What a model foretells of a customer. */
        CustomerScore: {
            /** @description The time it is as of. */
            as_of: components["schemas"]["EventTime"];
            /** @description What it foretells. */
            meaning: components["schemas"]["Words"];
            /**
             * Format: double
             * @description Of models of times: days within which it happens to half of such customers.
             */
            median_days?: number | null;
            /** @description Of which model. */
            model: string;
            /** @description Its principal reasons. */
            reasons: components["schemas"]["Words"][];
            /**
             * Format: double
             * @description The score; nothing where this purpose may not see it.
             */
            score?: number | null;
            text?: components["schemas"]["TextLabel"] | null;
            /**
             * Format: int64
             * @description The version that scored.
             */
            version: number;
        };
        /** @description A dashboard. What is in it is the console's: charts (shelves, journeys or SQL with how they are drawn) and how they are laid out. */
        Dashboard: {
            at?: components["schemas"]["EventTime"] | null;
            /** @description At most 256 KiB of JSON. */
            body: Record<string, never>;
            /** @description By whom it was last written. */
            by?: string | null;
            /** @description Its name: letters, digits, `_` and `-`. */
            name: string;
            /** @description What it is called. */
            title: string;
            /**
             * Format: int32
             * @description Its number of changes: sent back as `If-Match`, so that nobody overwrites what they have not seen.
             */
            version: number;
        };
        /**
         * @description How sensitive a column is. Ordered: a role that may see a class may see every class before it.
         * @enum {string}
         */
        DataClass: "C1" | "C2" | "C3" | "identifying";
        /** @description A file of the bank directory. */
        DefinitionFile: {
            /** @description What it defines. */
            kind: components["schemas"]["DefinitionKind"];
            /** @description The name of its file, without the ending. */
            name: string;
            /** @description As it is written. */
            text: string;
            /**
             * Format: int32
             * @description Its version, once it was recorded.
             */
            version?: number | null;
        };
        /**
         * @description What kinds of definitions there are.
         * @enum {string}
         */
        DefinitionKind: "source" | "table" | "trait" | "segment" | "journey" | "model" | "offer" | "policy";
        /** @description By what rows are grouped. */
        Dimension: {
            /** @description Of numbers: steps of that width. */
            bin?: string | null;
            /** @description A column of the table, or `traits.<name>`. */
            field: string;
            grain?: components["schemas"]["Grain"] | null;
        };
        /** @description A bucket of a histogram. */
        DurationBucket: {
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /**
             * Format: double
             * @description The shortest in it.
             */
            from_seconds: number;
            /**
             * Format: double
             * @description The longest in it.
             */
            to_seconds: number;
        };
        /** @description An authenticator to be confirmed. */
        Enrolment: {
            /** @description The secret, in base 32. */
            secret: string;
            /** @description The same as `otpauth://`, for a picture that authenticators read. */
            uri: string;
        };
        /**
         * Format: int64
         * @description A moment: UTC, in microseconds since 1970-01-01T00:00:00Z. Only the binary reads the clock; everything else is
         *     handed one of these.
         */
        EventTime: number;
        /** @description What must not happen. Steps count from 1. */
        ExclusionDef: {
            /**
             * Format: int32
             * @description After this step.
             */
            after: number;
            /**
             * Format: int32
             * @description Before this one.
             */
            before: number;
            /** @description Which rows, in SQL. */
            where: string;
        };
        /** @description A score taken apart. */
        ExplainedScore: {
            /**
             * Format: double
             * @description The margin of a row of which nothing is known.
             */
            base: number;
            /**
             * Format: int32
             * @description Whose.
             */
            customer: number;
            /** @description All features, by how far they moved it. */
            effects: components["schemas"]["ScoreEffect"][];
            /**
             * Format: double
             * @description Its margin: `base` and what all features add.
             */
            margin: number;
            /** @description Of which model. */
            model: string;
            nearest?: components["schemas"]["NearestChange"] | null;
            /** @description At most four, none of them protected. */
            reasons: components["schemas"]["Words"][];
            /**
             * Format: double
             * @description The score.
             */
            score: number;
            /**
             * Format: int32
             * @description Which version.
             */
            version: number;
        };
        /** @description A question whose answer is handed out as a file. It is on the audit log as an export. */
        ExportQuestion: {
            /** @description A day or a time: what was known then. Now when absent. */
            as_of?: string | null;
            /** @description As what. */
            format: components["schemas"]["FileFormat"];
            /** @description What the answer is used for. */
            purpose: components["schemas"]["Purpose"];
            /** @description One statement that reads. */
            sql: string;
        };
        /** @description A list of customers to be handed out. It is on the audit log. */
        ExportSegment: {
            /** @description A name, or an expression `a & b - c`. */
            expression: string;
            /** @description As what. */
            format: components["schemas"]["FileFormat"];
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
            /** @description Traits beside the customer's number. */
            traits?: string[];
        };
        /** @description Shelves whose answer is handed out as a file. It is on the audit log as an export. */
        ExportShelves: {
            /** @description The question. */
            ask: components["schemas"]["AskShelves"];
            /** @description As what. */
            format: components["schemas"]["FileFormat"];
        };
        /** @description A number with a name. */
        Figure: {
            /**
             * Format: double
             * @description How many a day before, where that is known.
             */
            before?: number | null;
            /** @description Which: `customers`, `events_today`, `quarantined` … */
            name: string;
            /**
             * Format: double
             * @description How many.
             */
            value: number;
        };
        /**
         * @description How an answer is handed out.
         * @enum {string}
         */
        FileFormat: "csv" | "xlsx" | "parquet";
        /** @description Which rows. */
        Filter: {
            /** @description A column of the table, or `traits.<name>`. */
            field: string;
            /** @description What must be true of it. */
            test: components["schemas"]["Test"];
        };
        /** @description A customer who was found. */
        FoundCustomer: {
            /** @description By what: `number`, `phone`, `email` … */
            by: string;
            /**
             * Format: int32
             * @description The person's number.
             */
            customer: number;
            /** @description What may be said of them: kind, region, since when. */
            said: string[];
        };
        /** @description What a funnel found. */
        FunnelAnswer: {
            /** @description Names of the steps. */
            steps: string[];
            /** @description By value of the breakdown, those with most customers first; one without a breakdown. */
            values: components["schemas"]["FunnelValue"][];
        };
        /** @description A funnel. */
        FunnelDef: {
            /** @description What it asks, for people. */
            about?: string | null;
            /** @description Which value a customer goes under: `first`, `last`, `every`, or `step 2`. */
            attribution?: string | null;
            /** @description Counts for each value of this expression. */
            by?: string | null;
            /** @description What must not happen between two steps. */
            exclude?: components["schemas"]["ExclusionDef"][];
            /** @description All steps have the same value of this expression. */
            hold?: string | null;
            /** @description `ordered`, `strict`, `any` or `window_funnel`. */
            order?: string | null;
            rows?: components["schemas"]["RowsDef"] | null;
            /** @description What two steps may have in common: `row`, `instant` or `nothing`. */
            sharing?: string | null;
            /** @description The steps, in order. */
            step: components["schemas"]["StepDef"][];
            /** @description Counts for each `day`, `week` or `month` of entry. */
            trend?: string | null;
            /** @description From the first step to any other: `14 days`, `14 natural days`, `30 min`. */
            within?: string | null;
        };
        /** @description How many came to a step. */
        FunnelStep: {
            /**
             * Format: int64
             * @description How many customers reached it.
             */
            customers: number;
            /**
             * Format: int64
             * @description How many reached the step before and not this one.
             */
            dropped: number;
            /** @description How long it took from the step before. */
            histogram: components["schemas"]["DurationBucket"][];
            /**
             * Format: double
             * @description From the step before.
             */
            mean_seconds?: number | null;
            /**
             * Format: double
             * @description From the step before.
             */
            median_seconds?: number | null;
            /**
             * Format: double
             * @description From the first step.
             */
            median_seconds_from_first?: number | null;
        };
        /** @description A period of entry. */
        FunnelTrend: {
            /** @description How many reached each step. */
            customers: number[];
            /** @description Its first day. */
            from: string;
        };
        /** @description What it found for one value of the breakdown. */
        FunnelValue: {
            /**
             * Format: int64
             * @description Customers whom an exclusion removed.
             */
            excluded: number;
            /** @description By step. */
            steps: components["schemas"]["FunnelStep"][];
            /** @description By period of entry: its first day, and how many reached each step. */
            trend: components["schemas"]["FunnelTrend"][];
            /** @description The value; nothing for customers without one, and without a breakdown. */
            value?: string | null;
        };
        /**
         * @description How fine time is.
         * @enum {string}
         */
        Grain: "hour" | "day" | "week" | "month" | "quarter" | "year";
        /** @description One thing that happened. */
        Happened: {
            /** @description What is said of it: name of the column, value. */
            said: [
                string,
                string
            ][];
            /** @description In which table it is. */
            table: string;
            /** @description When. */
            ts: components["schemas"]["EventTime"];
        };
        /** @description A figure with its interval. */
        Headline: {
            /** @description Which: `AUC` … */
            figure: string;
            /**
             * Format: double
             * @description Upper end.
             */
            high: number;
            /**
             * Format: double
             * @description Lower end.
             */
            low: number;
            /**
             * Format: double
             * @description The figure.
             */
            value: number;
        };
        /** @description The first page, for whoever has signed in. */
        Home: {
            /** @description When it was asked. */
            at: components["schemas"]["EventTime"];
            /** @description What needs somebody, the most urgent first. */
            attention: components["schemas"]["Attention"][];
            /** @description Figures of the bank, as far as they may be seen. */
            figures: components["schemas"]["Figure"][];
            /** @description The latest loads. */
            loads: components["schemas"]["Load"][];
            /** @description Segments, those that moved most since a day ago first. */
            segments: components["schemas"]["SegmentLine"][];
        };
        /** @description An identifying value. */
        IdentifyingValue: {
            /** @description `name`, `phone` … */
            kind: string;
            /** @description The value. */
            value: string;
        };
        /** @description A segment somebody belongs to. */
        InSegment: {
            /** @description Who that is. */
            meaning: components["schemas"]["Words"];
            /** @description Its name. */
            name: string;
        };
        /** @description Work that was begun. */
        Job: {
            /** @description When it was asked for. */
            asked_at: components["schemas"]["EventTime"];
            /** @description Who began it. */
            by: string;
            ended_at?: components["schemas"]["EventTime"] | null;
            /** @description Its number. */
            id: string;
            /** @description What came of it, or what went wrong, for people. */
            outcome?: string | null;
            /** @description Where it stands. */
            state: components["schemas"]["JobState"];
            step?: components["schemas"]["JobStep"] | null;
            /** @description What is done. */
            what: components["schemas"]["NewJob"];
        };
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        JobState: "waiting" | "running" | "done" | "failed" | "cancelled" | "interrupted";
        /** @description A step of a job. */
        JobStep: {
            /**
             * Format: int64
             * @description How much is done.
             */
            done: number;
            /** @description What is done. */
            name: string;
            /**
             * Format: int64
             * @description Of how much, where that is known.
             */
            total?: number | null;
            /** @description `bytes`, `rows` … */
            unit: string;
        };
        /** @description What a journey found. */
        JourneyAnswer: {
            funnel?: components["schemas"]["FunnelAnswer"] | null;
            paths?: components["schemas"]["PathsAnswer"] | null;
            retention?: components["schemas"]["RetentionAnswer"] | null;
            sessions?: components["schemas"]["SessionsAnswer"] | null;
            /** @description The question that its rows came from. */
            sql: string;
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
        };
        /** @description One number of a journey. */
        JourneyCell: {
            /** @description Those who reached the step before and not this one. */
            dropped?: boolean;
            /** @enum {string} */
            of: "funnel";
            /**
             * Format: int32
             * @description From 1.
             */
            step: number;
            /** @description Of this value of the breakdown. */
            value?: string | null;
        } | {
            /**
             * Format: int32
             * @description From 0.
             */
            cohort: number;
            /**
             * Format: int32
             * @description How many periods later.
             */
            later: number;
            /** @description Those who did not come back. */
            lost?: boolean;
            /** @enum {string} */
            of: "retention";
        } | {
            /** @description `entered` or `exited`; all when absent. */
            how?: string | null;
            /** @description The name. */
            name?: string | null;
            /** @enum {string} */
            of: "sessions";
        } | {
            /** @description The event; nothing for those that were gathered. */
            name?: string | null;
            /** @enum {string} */
            of: "node";
            /**
             * Format: int32
             * @description How far from the anchor.
             */
            position: number;
        } | {
            /** @description The event nearer to the anchor. */
            from?: string | null;
            /** @enum {string} */
            of: "link";
            /**
             * Format: int32
             * @description The position of `from`.
             */
            position: number;
            /** @description The event one position further. */
            to?: string | null;
        };
        /** @description A journey with its kind, as in `journeys/*.toml`. */
        JourneyDef: (components["schemas"]["FunnelDef"] & {
            /** @enum {string} */
            kind: "funnel";
        }) | (components["schemas"]["RetentionDef"] & {
            /** @enum {string} */
            kind: "retention";
        }) | (components["schemas"]["SessionsDef"] & {
            /** @enum {string} */
            kind: "sessions";
        }) | (components["schemas"]["PathsDef"] & {
            /** @enum {string} */
            kind: "paths";
        });
        /** @description A key of a machine. */
        Key: {
            /** @description Until when it can be used. */
            ends_at: components["schemas"]["EventTime"];
            /** @description Its public part; the user name on PostgreSQL's wire. */
            id: string;
            /** @description When it was made. */
            made_at: components["schemas"]["EventTime"];
            /** @description What it is called. */
            name: string;
            /** @description Whether it was revoked. */
            revoked: boolean;
            /** @description The roles it acts in, among its owner's. */
            roles: components["schemas"]["Role"][];
            /** @description What it is for. */
            scopes: components["schemas"]["KeyScope"][];
            used_at?: components["schemas"]["EventTime"] | null;
        };
        /**
         * @description What a key of a machine is for.
         * @enum {string}
         */
        KeyScope: "query" | "write" | "collect" | "sql" | "admin";
        /** @description What is made of what. */
        LineageEdge: {
            /** @description Columns that are read, as far as they are known. */
            columns: string[];
            /** @description What is read. */
            from: string;
            /** @description What is made of it. */
            to: string;
        };
        /** @description From sources to decisions. */
        LineageGraph: {
            /** @description Edges. */
            edges: components["schemas"]["LineageEdge"][];
            /** @description Nodes. */
            nodes: components["schemas"]["LineageNode"][];
        };
        /**
         * @description What a node of the lineage is.
         * @enum {string}
         */
        LineageKind: "source" | "table" | "trait" | "segment" | "model" | "offer";
        /** @description A node of the lineage. */
        LineageNode: {
            /** @description Unique: `kind:name`. */
            id: string;
            /** @description What it is. */
            kind: components["schemas"]["LineageKind"];
            /** @description Its name. */
            name: string;
        };
        /** @description One file, loaded into one table. */
        Load: {
            /** @description What became of its records. */
            counts: components["schemas"]["Counts"];
            /** @description Which file. */
            file: string;
            finished_at?: components["schemas"]["EventTime"] | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description By which mapping. */
            mapping: string;
            /** @description From which source. */
            source: string;
            /** @description When it began. */
            started_at: components["schemas"]["EventTime"];
            /** @description `planned`, `prepared` or `done`. */
            state: string;
            /** @description Into which table. */
            table: string;
        };
        /** @description A key that was made. The secret is shown once. */
        MadeKey: {
            /** @description The key. */
            key: components["schemas"]["Key"];
            /** @description Sent as `Authorization: Bearer …`; on PostgreSQL's wire the password. */
            secret: string;
        };
        /** @description What a role may see of a table for a purpose. */
        MatrixCell: {
            /**
             * Format: int32
             * @description How many columns of those read as NULL.
             */
            masked: number;
            /**
             * Format: int32
             * @description Of how many.
             */
            of: number;
            /** @description For which purpose. */
            purpose: components["schemas"]["Purpose"];
            /** @description Which role. */
            role: components["schemas"]["Role"];
            /**
             * Format: int32
             * @description How many tables it may read.
             */
            tables: number;
        };
        /** @description Whoever has signed in. */
        Me: {
            /** @description What else policies let them do: `ingest`, `define`, `read_audit` … */
            actions: string[];
            /** @description Whether they may administer users. */
            administrator: boolean;
            /** @description Whether a code of an authenticator is asked for beside the password. */
            authenticator: boolean;
            /** @description The bank. */
            bank: components["schemas"]["BankFacts"];
            ends_at?: components["schemas"]["EventTime"] | null;
            /** @description What they are called. */
            name: string;
            /** @description Purposes for which policies let them read something. */
            purposes: components["schemas"]["Purpose"][];
            /** @description What they are at the bank. */
            roles: components["schemas"]["Role"][];
            /** @description Whether a second factor was shown. */
            second_factor: boolean;
            /** @description The name by which they sign in and stand on the audit log. */
            user: string;
        };
        /** @description A number to be told of each group. */
        Measure: {
            /** @description How. */
            aggregate: components["schemas"]["Aggregate"];
            /** @description Of what; rows when absent (with `count` only). */
            field?: string | null;
        };
        /** @description A system's customer. */
        Member: {
            /**
             * Format: int32
             * @description Its number before any merge.
             */
            customer: number;
            /** @description Who knows it. */
            system: string;
        };
        /** @description A merge or a split. */
        Merged: {
            /** @description When. */
            at: components["schemas"]["EventTime"];
            because?: components["schemas"]["Compared"] | null;
            /** @description Who did it. */
            by: string;
            /** @description The customers that it moved. */
            customers: number[];
            /** @description Its number, by which it can be taken back. */
            event: number;
            /** @description In their words. */
            reason: string;
            /** @description `merged`, `split` or `undone`. */
            what: string;
        };
        /** @description A version of a model, whole. */
        Model: {
            /** @description What was done with it. */
            acts: components["schemas"]["ModelAct"][];
            /** @description A hash of what it is. */
            content: string;
            /** @description Its definition, as TOML. */
            definition: string;
            /** @description The whole evaluation, as the card tells it. */
            evaluation: Record<string, never>;
            /** @description The line. */
            line: components["schemas"]["ModelLine"];
            /**
             * Format: int64
             * @description Rows it was tested on.
             */
            test: number;
            /**
             * Format: int64
             * @description Rows it learnt from, and was tested on.
             */
            train: number;
        };
        /** @description Something that was done with a version. */
        ModelAct: {
            /** @description What. */
            act: string;
            /** @description When. */
            at: components["schemas"]["EventTime"];
            /** @description By whom. */
            by: string;
            /** @description Why. */
            reason?: string | null;
            /** @description Which guard. */
            subject?: string | null;
        };
        /** @description How far something moved since training. */
        ModelDrift: {
            /**
             * Format: double
             * @description What chance alone would make of it.
             */
            by_chance: number;
            /** @description `stable`, `watch` or `act`. */
            drift: string;
            /** @description The score, or a feature. */
            of: string;
            /**
             * Format: double
             * @description The population stability index.
             */
            psi: number;
        };
        /** @description A version of a model. */
        ModelLine: {
            /** @description How far scores and features are from training, the farthest first. */
            drift: components["schemas"]["ModelDrift"][];
            headline?: components["schemas"]["Headline"] | null;
            /** @description Guards that hold it back. */
            held_back_by: string[];
            /** @description What it foretells. */
            meaning: components["schemas"]["Words"];
            /** @description Of which model. */
            name: string;
            /** @description Who answers for it. */
            owner: string;
            /** @description What it may be used for. */
            purposes: components["schemas"]["Purpose"][];
            /** @description Why it ought to be trained anew. */
            stale: string[];
            /** @description `candidate`, `approved`, `champion`, `challenger`, `retired` or `refused`. */
            state?: string | null;
            trained_at?: components["schemas"]["EventTime"] | null;
            /** @description By whom. */
            trained_by?: string | null;
            /**
             * Format: int32
             * @description Its number; nothing of a model that was never trained.
             */
            version?: number | null;
            /** @description Guards that were waived. */
            waived: string[];
        };
        /** @description A segment at a time. */
        Moment: {
            /** @description When. */
            at: components["schemas"]["EventTime"];
            /**
             * Format: int64
             * @description How many of them had not, the time before.
             */
            entered: number;
            /**
             * Format: int64
             * @description How many had, the time before, and did no longer.
             */
            left: number;
            /**
             * Format: int64
             * @description How many belonged.
             */
            size: number;
        };
        /** @description What would be otherwise. */
        NearestChange: {
            /** @description In words. */
            changes: components["schemas"]["Words"][];
            /**
             * Format: double
             * @description The score then.
             */
            score: number;
        };
        /** @description Work to be begun. An `Idempotency-Key` header makes a repetition answer with the job there is. */
        NewJob: {
            /** @enum {string} */
            kind: "ingest";
            /** @description Only these sources; all when empty. */
            sources?: string[];
        } | {
            /** @enum {string} */
            kind: "retry_quarantined";
            /** @description Only these sources; all when empty. */
            sources?: string[];
        } | {
            /** @enum {string} */
            kind: "resolve";
        } | {
            /** @enum {string} */
            kind: "run";
        } | {
            /** @enum {string} */
            kind: "train";
            /** @description Which. */
            model: string;
        } | {
            /** @enum {string} */
            kind: "optimize";
        };
        /** @description A key to be made. */
        NewKey: {
            /**
             * Format: int32
             * @description For how many days: 1 to 366.
             */
            days: number;
            /** @description What it is called. */
            name: string;
            /** @description The roles it acts in, among its owner's. */
            roles: components["schemas"]["Role"][];
            /** @description What it is for. */
            scopes: components["schemas"]["KeyScope"][];
        };
        /** @description A passkey that was made. */
        NewPasskey: {
            /** @description `attestationObject`. */
            attestation: string;
            /** @description `clientDataJSON`. */
            client_data: string;
            /** @description What its owner calls it. */
            name: string;
        };
        /** @description A user to be added. */
        NewUser: {
            /** @description What they are called. */
            name: string;
            /** @description What they are at the bank. */
            roles: components["schemas"]["Role"][];
            /** @description The name by which they sign in: lower-case letters, digits, `.`, `_` and `-`. */
            user: string;
        };
        /** @description An offer. */
        OfferFacts: {
            /** @description Its definition, as TOML. */
            definition: string;
            /**
             * Format: int64
             * @description To how many it is the first.
             */
            first?: number | null;
            /** @description What it is called. */
            meaning: components["schemas"]["Words"];
            /** @description Its name. */
            name: string;
            /** @description Its product. */
            product: string;
            /** @description What it is for. */
            purposes: components["schemas"]["Purpose"][];
            /**
             * Format: int64
             * @description To how many customers it is recommended.
             */
            recommended?: number | null;
        };
        /** @description Offers for one customer, made now: to be made, and not. */
        OffersNow: {
            /** @description As of when. */
            as_of: components["schemas"]["EventTime"];
            /** @description What could not be taken into account. */
            notes: string[];
            /** @description To be made, the best first. */
            offers: components["schemas"]["CustomerOffer"][];
            /** @description Whether the order goes by what is personal. */
            personalised: boolean;
            /** @description For which purpose. */
            purpose: components["schemas"]["Purpose"];
            /** @description Not to be made, and why. */
            withheld: components["schemas"]["WithheldOffer"][];
        };
        /** @description Where the bank's own sign-on is. */
        OidcPlace: {
            /** @description Where to send the browser, which has been given a cookie to come back with. */
            url: string;
        };
        /** @description A password that is shown once and must be changed when it is first used. */
        OneTimePassword: {
            /** @description Until when it can be used. */
            ends_at: components["schemas"]["EventTime"];
            /** @description The password. */
            password: string;
        };
        /** @description A passkey of whoever asks. */
        Passkey: {
            /** @description Which it is. */
            id: string;
            /** @description Since when. */
            made_at: components["schemas"]["EventTime"];
            /** @description What its owner calls it. */
            name: string;
            /** @description Whether its owner's devices share it. */
            synced: boolean;
            used_at?: components["schemas"]["EventTime"] | null;
        };
        /** @description What a passkey signed. Refused with the code `wrong_credentials` or `throttled`. */
        PasskeyAnswer: {
            /** @description `authenticatorData`. */
            authenticator_data: string;
            /** @description `clientDataJSON`. */
            client_data: string;
            /** @description Which it is. */
            id: string;
            /** @description `signature`. */
            signature: string;
            /** @description `userHandle`. */
            user_handle: string;
        };
        /** @description What a passkey is to sign so that its owner gets in: alone, or beside a password. */
        PasskeyChallenge: {
            /** @description What is to be signed. For one use, within five minutes. */
            challenge: string;
            /** @description The site that passkeys are bound to. */
            rp_id: string;
        };
        /** @description What a browser needs to make a passkey. It must be one that its device finds by itself, and ask who it is. */
        PasskeyCreation: {
            /** @description What it may sign with, by the numbers of COSE, the best liked first. */
            algorithms: number[];
            /** @description The bank's name. */
            bank: string;
            /** @description For one use, within five minutes. */
            challenge: string;
            /** @description Passkeys that they have. */
            known: string[];
            /** @description What they are called. */
            name: string;
            /** @description The site that it is bound to. */
            rp_id: string;
            /** @description The name by which they sign in. */
            user: string;
            /** @description What devices call the user. */
            user_handle: string;
        };
        /** @description The password, to make sure that it is the user who asks. */
        Password: {
            /** @description The one there is. */
            password: string;
        };
        /** @description The password and a code of the authenticator (or a recovery code), to make sure that it is the user who asks. */
        PasswordAndCode: {
            /** @description Six digits, or a recovery code. */
            code: string;
            /** @description The password there is. */
            password: string;
        };
        /** @description Those who went from one node to one at the next position. */
        PathLink: {
            /**
             * Format: int64
             * @description How many customers.
             */
            customers: number;
            /** @description The event nearer to the anchor. */
            from?: string | null;
            /**
             * Format: int32
             * @description The position of `from`.
             */
            position: number;
            /** @description The event one position further. */
            to?: string | null;
        };
        /** @description An event at a position. */
        PathNode: {
            /**
             * Format: int64
             * @description How many customers.
             */
            customers: number;
            /** @description The event. */
            name?: string | null;
            /**
             * Format: int32
             * @description How far from the anchor.
             */
            position: number;
        };
        /** @description What paths there are. */
        PathsAnswer: {
            /** @description Who went from where to where. */
            links: components["schemas"]["PathLink"][];
            /** @description Events at positions. A node without a name gathers the rare ones. */
            nodes: components["schemas"]["PathNode"][];
        };
        /** @description Paths. */
        PathsDef: {
            /** @description What it asks, for people. */
            about?: string | null;
            /** @description What customers do after this event; whatever they did first, when neither it nor `before` is given. */
            after?: string | null;
            /** @description What they did on the way to this event. */
            before?: string | null;
            /**
             * Format: int32
             * @description Names kept at each position; the rest are gathered.
             */
            breadth?: number | null;
            /**
             * Format: int32
             * @description Events beside the anchor.
             */
            depth?: number | null;
            /** @description The longest pause inside a path, `30 min`. */
            gap?: string | null;
            /** @description From the customer's last such event, not the first. */
            last?: boolean | null;
            /** @description What an event is called: an expression; `name` when absent. */
            name?: string | null;
            rows?: components["schemas"]["RowsDef"] | null;
        };
        /** @description Who a person is made of, and why. */
        Person: {
            /** @description What was merged and split, and what was taken back. */
            events: components["schemas"]["Merged"][];
            /** @description The systems' customers who are that person. */
            members: components["schemas"]["Member"][];
            /**
             * Format: int32
             * @description The person's number.
             */
            person: number;
        };
        /** @description Policies, and what follows from them. */
        PolicyFacts: {
            /** @description Files with their text; empty when the default policies hold. */
            files: components["schemas"]["PolicyText"][];
            /** @description By role and purpose. */
            matrix: components["schemas"]["MatrixCell"][];
        };
        /** @description A file of policies. */
        PolicyText: {
            /** @description Its name. */
            name: string;
            /** @description As it is written. */
            text: string;
        };
        /** @description Whoever is to be counted: a definition that is not saved, or an expression over segments. One of both. */
        PreviewSegment: {
            /** @description `a & b - c` over names of segments. */
            expression?: string | null;
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
            /** @description One `where` as in `segments/*.toml`: `{all: [{did: "apply_start", in_last_days: 30}, …]}`. */
            where?: Record<string, never> | null;
        };
        /**
         * @description Why a request was refused or failed. What is inside (paths, plans, errors of the database) goes to the server's log under the same
         *     `request_id` and never into an answer.
         */
        Problem: {
            /** @description What is wrong, for programs: `refused`, `unknown`, `invalid`, `second_factor` … */
            code: string;
            /** @description What is wrong and what to do, for people. */
            detail: string;
            /** @description Places in what was sent, where that is a definition. */
            places?: components["schemas"]["ProblemPlace"][];
            /** @description By which the server's log finds the request. */
            request_id: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description `about:blank`: the code says more. */
            type: string;
        };
        /** @description A place in a definition, and what is wrong there. */
        ProblemPlace: {
            /** @description Which file. */
            file: string;
            /** @description What to do. */
            help: string;
            /**
             * Format: int32
             * @description Which line, from 1.
             */
            line?: number | null;
            /** @description What is wrong. */
            message: string;
        };
        /**
         * @description What data is used for. A customer consents to a purpose, not to a query.
         * @enum {string}
         */
        Purpose: "service" | "analytics" | "marketing" | "risk" | "compliance";
        /** @description What a purpose rests on, and what customers said. */
        PurposeConsent: {
            /** @description `contract`, `consent` or `legal_duty`. */
            basis: string;
            /** @description What holds without a word: `given` or `withdrawn`. */
            default: string;
            /**
             * Format: int64
             * @description How many customers said yes.
             */
            given: number;
            /** @description Which. */
            purpose: components["schemas"]["Purpose"];
            /**
             * Format: int64
             * @description How many said no.
             */
            withdrawn: number;
        };
        /** @description Records that could not be stored, counted. */
        QuarantineCount: {
            /** @description What is wrong, for programs. */
            code: string;
            /** @description With which column, if it is one. */
            column?: string | null;
            /** @description By which mapping. */
            mapping: string;
            /**
             * Format: int64
             * @description How many were stored after all.
             */
            resolved: number;
            /** @description From which source. */
            source: string;
            /**
             * Format: int64
             * @description How many wait.
             */
            waiting: number;
        };
        /** @description A record that could not be stored. */
        QuarantinedRecord: {
            /** @description What is wrong, for programs. */
            code: string;
            /** @description With which column, if it is one. */
            column?: string | null;
            /** @description Which file. */
            file: string;
            /**
             * Format: int64
             * @description Its number in the quarantine.
             */
            id: number;
            /** @description By which mapping. */
            mapping: string;
            /** @description The record itself, when it was asked for. */
            raw?: string | null;
            /** @description What is wrong, for people. */
            reason: string;
            /**
             * Format: int64
             * @description Which record of it, from 1.
             */
            row_number: number;
            /** @description Which source it came from. */
            source: string;
        };
        /** @description A question. */
        Question: {
            /** @description A day or a time: what was known then. Now when absent. */
            as_of?: string | null;
            /** @description What the answer is used for. */
            purpose: components["schemas"]["Purpose"];
            /**
             * Format: int32
             * @description At most so many rows, up to 10,000; 1,000 when absent.
             */
            rows_max?: number | null;
            /** @description One statement that reads. */
            sql: string;
        };
        /** @description How many members a purpose reaches. */
        Reachable: {
            /**
             * Format: int64
             * @description How many.
             */
            customers: number;
            /** @description Which purpose. */
            purpose: components["schemas"]["Purpose"];
        };
        /** @description Records of one table. */
        Records: {
            /** @description What is in it. */
            rows: components["schemas"]["Rows"];
            /** @description Which table. */
            table: string;
        };
        /** @description Codes that stand in for an authenticator, each once. Shown once. */
        RecoveryCodes: {
            /** @description Ten of them. */
            codes: string[];
        };
        /** @description Another name of a passkey. */
        RenamePasskey: {
            /** @description What its owner calls it: at most 60 characters. */
            name: string;
        };
        /** @description What a table of retention found. */
        RetentionAnswer: {
            /** @description By cohort. */
            cohorts: components["schemas"]["Cohort"][];
        };
        /** @description A table of retention. */
        RetentionDef: {
            /** @description What it asks, for people. */
            about?: string | null;
            /** @description Which starts count: `first_time` or `recurring`. */
            cohorts?: string | null;
            /** @description Which returns count: `on` or `on_or_after`. */
            counts?: string | null;
            /** @description A day of the first period. */
            first: string;
            /** @description `day`, `week` or `month`. */
            period: string;
            /**
             * Format: int32
             * @description How many periods.
             */
            periods: number;
            /** @description Which rows are a return, in SQL; those that start, when absent. */
            return?: string | null;
            rows?: components["schemas"]["RowsDef"] | null;
            /** @description Which rows start, in SQL. */
            start: string;
        };
        /**
         * @description What somebody is at the bank.
         * @enum {string}
         */
        Role: "analyst" | "marketer" | "risk_officer" | "service_agent" | "compliance_officer" | "data_engineer" | "administrator";
        /**
         * @description An answer: rows of cells, in the order of its columns. Numbers that a program could not hold exactly (decimals, integers beyond
         *     2⁵³) are text.
         */
        Rows: {
            /** @description Its columns. */
            columns: components["schemas"]["AnswerColumn"][];
            /** @description Whether there are more. */
            more: boolean;
            /** @description Its rows. */
            rows: Record<string, never>[][];
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
        };
        /** @description From which rows. */
        RowsDef: {
            /** @description A table with `customer_id` and `ts`; `event` when absent. */
            from?: string | null;
            /** @description The first day, `2026-01-31`. */
            since?: string | null;
            /** @description The last day, included. */
            until?: string | null;
            /** @description Only rows that meet this condition, in SQL. */
            where?: string | null;
        };
        /** @description A journey of the bank directory. Kinds that have no page (`next`, `rhythm` …) are here too. */
        SavedJourney: {
            /** @description What it asks. */
            about: string;
            /** @description The definition, with its kind. */
            definition: Record<string, never>;
            /** @description `funnel`, `retention`, `sessions`, `paths`, `next`, `stickiness`, `rhythm` or `rules`. */
            kind: string;
            /** @description Its name. */
            name: string;
        };
        /** @description What a feature added. */
        ScoreEffect: {
            /**
             * Format: double
             * @description What it added to the margin.
             */
            adds: number;
            /** @description What it is called. */
            called: components["schemas"]["Words"];
            /** @description Which. */
            feature: string;
            /** @description Whether it is protected: judged by, and never named to customers. */
            protected: boolean;
            /** @description Its value; none where there is none. */
            value?: string | null;
        };
        /** @description Whom to look for. Values go in the body, never into an address that a log would keep. */
        SearchCustomers: {
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
            /** @description A customer's number, or something that recognises them: phone, e-mail, card, national id. */
            text: string;
        };
        /** @description A segment, whole. */
        Segment: {
            /** @description Other segments that may be known, the most alike first. */
            beside: components["schemas"]["Beside"][];
            /** @description Of a clustering: what sets its clusters apart. */
            clusters: components["schemas"]["Cluster"][];
            /** @description The definition, as TOML. */
            definition?: string | null;
            /** @description How far its traits moved. */
            drift: components["schemas"]["TraitDrift"][];
            /** @description Why who belongs may not be known. */
            hidden?: string | null;
            /** @description Size over time, and who came and went. */
            history: components["schemas"]["Moment"][];
            /** @description The essentials. */
            line: components["schemas"]["SegmentLine"];
            /** @description How many of the members may be contacted or looked at for each purpose. */
            reachable: components["schemas"]["Reachable"][];
            /** @description Of the customers behind a number: which journey, and which number of it. */
            saved?: Record<string, never> | null;
            /**
             * Format: int64
             * @description How many members this purpose may see: those are listed and exported. Absent when who belongs may not be known, for the reason in
             *     `hidden`.
             */
            seen?: number | null;
        };
        /** @description A segment, in a line. */
        SegmentLine: {
            as_of?: components["schemas"]["EventTime"] | null;
            /** @description Who that is, in English. */
            en: string;
            followed?: components["schemas"]["EventTime"] | null;
            /** @description Whether it follows new rows as they are committed. */
            follows: boolean;
            /** @description `where`, `clusters`, or `saved` for the customers behind a number. */
            kind: string;
            /** @description Its name. */
            name: string;
            /** @description What it may be used for. */
            purposes: components["schemas"]["Purpose"][];
            /**
             * Format: double
             * @description Their share of all customers then, 0 to 1.
             */
            share?: number | null;
            /**
             * Format: int64
             * @description How many belong; absent when it was never decided.
             */
            size?: number | null;
            /** @description Why it is not up to date; nothing when it is. */
            stale: string[];
            /**
             * Format: int64
             * @description Of how many it cannot be told.
             */
            unknown?: number | null;
            /** @description Who that is, in Chinese. */
            zh: string;
        };
        /** @description Whoever was counted. */
        SegmentPreview: {
            /** @description Segments that may be known, the most alike first. */
            beside: components["schemas"]["Beside"][];
            /** @description How many may be contacted or looked at for each purpose. */
            reachable: components["schemas"]["Reachable"][];
            /**
             * Format: double
             * @description Their share of all customers, 0 to 1.
             */
            share: number;
            /**
             * Format: int64
             * @description How many belong.
             */
            size: number;
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
            /**
             * Format: int64
             * @description Of how many it cannot be told.
             */
            unknown: number;
        };
        /** @description A screen or event in sessions. */
        SessionName: {
            /**
             * Format: int64
             * @description How many customers started a session with it.
             */
            entered: number;
            /**
             * Format: int64
             * @description Sessions that started with it.
             */
            entries: number;
            /**
             * Format: int64
             * @description How many customers ended a session with it.
             */
            exited: number;
            /**
             * Format: int64
             * @description Sessions that ended with it.
             */
            exits: number;
            /**
             * Format: double
             * @description How long customers stayed.
             */
            median_stay_seconds?: number | null;
            /** @description Which. */
            name: string;
        };
        /** @description What sessions there were. */
        SessionsAnswer: {
            /**
             * Format: int64
             * @description Of how many customers.
             */
            customers: number;
            /** @description How long they are. */
            histogram: components["schemas"]["DurationBucket"][];
            /**
             * Format: double
             * @description How long they are.
             */
            mean_seconds?: number | null;
            /**
             * Format: double
             * @description How long they are.
             */
            median_seconds?: number | null;
            /** @description By value of the name, those that most sessions entered by first; at most 100. */
            names: components["schemas"]["SessionName"][];
            /**
             * Format: int64
             * @description With how many rows.
             */
            rows: number;
            /**
             * Format: int64
             * @description How many sessions.
             */
            sessions: number;
            /**
             * Format: int64
             * @description How many have one row.
             */
            single: number;
        };
        /** @description Sessions. */
        SessionsDef: {
            /** @description What it asks, for people. */
            about?: string | null;
            /** @description Another value of this expression starts another session. */
            channel?: string | null;
            /** @description The longest pause inside a session, `30 min`. */
            gap?: string | null;
            /** @description Another day of the bank's time zone starts another session. */
            midnight?: boolean | null;
            /** @description Entries, exits and dwell are told for each value of this expression; `name` when absent. */
            name?: string | null;
            rows?: components["schemas"]["RowsDef"] | null;
        };
        /** @description A question made of shelves. */
        Shelves: {
            compare?: components["schemas"]["Compare"] | null;
            /** @description By what. */
            dimensions?: components["schemas"]["Dimension"][];
            /** @description Of which rows. */
            filters?: components["schemas"]["Filter"][];
            /**
             * Format: int32
             * @description At most so many groups, up to 10,000; 1,000 when absent.
             */
            groups_max?: number | null;
            /** @description What is told. */
            measures: components["schemas"]["Measure"][];
            /** @description Only customers of this segment or expression. */
            segment?: string | null;
            sort?: components["schemas"]["Sort"] | null;
            /** @description The table. */
            table: string;
        };
        /** @description The answer, with the question in SQL. With a comparison, each measure has a second column, `<measure> before`. */
        ShelvesAnswer: {
            /** @description Dimensions, then measures. */
            rows: components["schemas"]["Rows"];
            /** @description As it was asked. */
            sql: string;
        };
        /**
         * @description Who wants to sign in. Refused with the code `wrong_credentials`, `throttled`, `second_factor` (send it again with `code`, or with
         *     `passkey` where there is one), `passkey` (send it again with `passkey`) or `must_change_password` (send it again with `new_password`: the password was a one-time one).
         */
        SignIn: {
            /** @description Six digits of an authenticator, or a recovery code. */
            code?: string | null;
            /** @description Another password, set in the same step: at least 12 characters. */
            new_password?: string | null;
            passkey?: components["schemas"]["PasskeyAnswer"] | null;
            /** @description The password, or a one-time password. */
            password: string;
            /** @description The name of the user. */
            user: string;
        };
        /** @description An order. */
        Sort: {
            /**
             * Format: int32
             * @description Which column, from 0.
             */
            column: number;
            /** @description Largest first. */
            descending?: boolean;
        };
        /** @description A source of records. */
        SourceFacts: {
            /** @description What it says of itself. */
            about: string;
            /** @description What became of all its records. */
            counts: components["schemas"]["Counts"];
            loaded_at?: components["schemas"]["EventTime"] | null;
            /**
             * Format: int64
             * @description How many loads there were.
             */
            loads: number;
            /** @description Its name. */
            name: string;
            /** @description Into which tables it is mapped. */
            tables: string[];
        };
        /** @description One step. */
        StepDef: {
            /** @description What it is called. */
            name: string;
            /** @description Which rows meet it, in SQL. */
            where: string;
            /** @description From the step before. */
            within?: string | null;
        };
        /** @description A table that may be asked. */
        TableFacts: {
            /** @description What a row is. */
            about: string;
            /** @description Its columns. */
            columns: components["schemas"]["ColumnFacts"][];
            /** @description Its name. */
            name: string;
            /** @description Whether its rows are about customers. */
            of_customers: boolean;
        };
        /** @description Quality of a table. */
        TableQuality: {
            /** @description Its columns. */
            columns: components["schemas"]["ColumnQuality"][];
            /**
             * Format: double
             * @description Share of records that passed the checks over several columns or tables.
             */
            consistency?: number | null;
            /** @description What became of all records that were to go into it. */
            counts: components["schemas"]["Counts"];
            /** @description When the newest row was known. */
            newest_known_at?: string | null;
            /** @description What is wrong with the records in the quarantine, most frequent first. */
            quarantined: components["schemas"]["QuarantineCount"][];
            /**
             * Format: int64
             * @description Rows stored, every version counted.
             */
            rows: number;
            /** @description Which table. */
            table: string;
            /**
             * Format: double
             * @description Share of records that were not there already.
             */
            uniqueness?: number | null;
            /**
             * Format: double
             * @description Share of records that passed their checks.
             */
            validity?: number | null;
        };
        /** @description A merge or split to be taken back. */
        TakeBack: {
            /** @description The customers it concerns. */
            customers: number[];
            /** @description Why. */
            reason: string;
        };
        /** @description What must be true of a value. Values are text, as they are written in CSV. */
        Test: {
            /** @description It is one of these. */
            one_of: string[];
        } | {
            /** @description It is there and none of these. */
            none_of: string[];
        } | {
            /** @description It lies between, ends included; an end that is absent is open. */
            between: (string | null)[];
        } | {
            /**
             * Format: int32
             * @description Of times and dates: in the last so many natural days, today included.
             */
            last_days: number;
        } | {
            /** @description Text that contains this, upper and lower case alike. */
            contains: string;
        } | {
            /** @description It is missing, or not. */
            missing: boolean;
        };
        /** @description What a text is about. */
        TextLabel: {
            /** @description When it was written. */
            at: components["schemas"]["EventTime"];
            /** @description What was said; nothing where this purpose may not see it. */
            label?: string | null;
        };
        /** @description Part of a timeline. */
        Timeline: {
            /** @description The newest first. */
            happened: components["schemas"]["Happened"][];
            /**
             * Format: int64
             * @description Ask for what happened before this to go on; nothing at the end.
             */
            next_before?: number | null;
            /** @description Tables that may be on it. */
            tables: string[];
        };
        /** @description A trait that moved. */
        TraitDrift: {
            /**
             * Format: double
             * @description The population stability index.
             */
            index: number;
            /** @description The trait. */
            name: string;
            /** @description Since when. */
            since: components["schemas"]["EventTime"];
        };
        /** @description A trait that may be asked. */
        TraitFacts: {
            /** @description How sensitive it is. */
            class: components["schemas"]["DataClass"];
            /** @description What it says. */
            meaning: components["schemas"]["Words"];
            /** @description Its name; in SQL `traits.<name>`. */
            name: string;
            /** @description What it may be used for. */
            purposes: components["schemas"]["Purpose"][];
            /** @description Why it must be computed again; nothing when it is up to date. */
            stale: string[];
            /** @description Its type. */
            type: components["schemas"]["ColumnType"];
            /** @description What one of it is. */
            unit?: string | null;
        };
        /** @description The value of a trait. */
        TraitValue: {
            /** @description The time it is as of. */
            as_of: components["schemas"]["EventTime"];
            /** @description How sensitive it is. */
            class: components["schemas"]["DataClass"];
            /** @description Where it is defined. */
            file: string;
            /** @description Whether a gap was filled with it. */
            filled: boolean;
            /** @description Whether this purpose may not see it. */
            masked: boolean;
            /** @description What it says. */
            meaning: components["schemas"]["Words"];
            /** @description Which trait. */
            name: string;
            /** @description The tables it was computed from. */
            tables: string[];
            /** @description What one of it is. */
            unit?: string | null;
            /** @description The value as text; nothing when there is none. */
            value?: string | null;
        };
        /** @description Why identifying values are looked at. */
        Unmask: {
            /** @description What for. */
            purpose: components["schemas"]["Purpose"];
            /** @description Why, in own words; it is on the audit log. */
            reason: string;
        };
        /**
         * @description How urgent.
         * @enum {string}
         */
        Urgency: "wrong" | "waits" | "note";
        /** @description A user. */
        User: {
            /** @description Whether they may sign in. */
            enabled: boolean;
            /** @description Since when there is this user. */
            made_at: components["schemas"]["EventTime"];
            /** @description What they are called. */
            name: string;
            /** @description What they are at the bank. */
            roles: components["schemas"]["Role"][];
            /** @description The name by which they sign in. */
            user: string;
        };
        /** @description A value, and in how many rows it is. */
        ValueCount: {
            /**
             * Format: int64
             * @description In how many rows.
             */
            rows: number;
            /** @description The value, as text. */
            value: string;
        };
        /** @description The ways to sign in beside a password. */
        WaysIn: {
            /** @description The name of the bank's own sign-on, where there is one. */
            oidc?: string | null;
            /** @description Whether passkeys can be used. */
            passkeys: boolean;
        };
        /** @description An offer that is not made. */
        WithheldOffer: {
            /** @description What it is called. */
            meaning: components["schemas"]["Words"];
            /** @description Which. */
            offer: string;
            /** @description Why. */
            reasons: components["schemas"]["Words"][];
        };
        /** @description Words in both languages. */
        Words: {
            /** @description In English. */
            en: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description A dashboard to be written. */
        WriteDashboard: {
            /** @description At most 256 KiB of JSON. */
            body: Record<string, never>;
            /** @description What it is called. */
            title: string;
            /**
             * Format: int32
             * @description The version that was changed; 0 for a new one. Refused with 409 when there is a newer one.
             */
            version: number;
        };
        /** @description A definition to be written into the bank directory and applied. One of both. */
        WriteDefinition: {
            /** @description As an object with the keys that the TOML would have. */
            object?: Record<string, never> | null;
            /** @description Only check it and say what would change. */
            plan?: boolean;
            /** @description As TOML. */
            text?: string | null;
        };
        /** @description What became of a definition. */
        Written: {
            /** @description What changes in the bank directory by it. */
            changes: string[];
            /** @description What people ought to know of it. */
            notes: string[];
            /** @description The text of its file. */
            text: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    audit: {
        parameters: {
            query?: {
                /** @description Only of this user. */
                user?: string | null;
                /** @description Only of this kind. */
                kind?: string | null;
                /** @description Only for this purpose. */
                purpose?: ("service" | "analytics" | "marketing" | "risk" | "compliance") | null;
                /** @description Among the newest so many entries, up to 10,000; 200 when absent. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditEntry"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerified"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    catalogue: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueFacts"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    values: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
                /** @description The table. */
                table: string;
                /** @description The column. */
                column: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ValueCount"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    collecting: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collecting"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    consent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurposeConsent"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searchCustomers: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchCustomers"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundCustomer"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    customer: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
                /** @description A day or a time: what was known then. Now when absent. */
                as_of?: string | null;
            };
            header?: never;
            path: {
                customer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Customer"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offersNow: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path: {
                customer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OffersNow"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                customer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainScore: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path: {
                customer: string;
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplainedScore"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    timeline: {
        parameters: {
            query: {
                /** @description What for. */
                purpose: components["schemas"]["Purpose"];
                /** @description Only these tables, separated by commas. */
                tables?: string | null;
                /** @description Only what happened before that (microseconds). */
                before?: number | null;
                /** @description At most so many, up to 200; 50 when absent. */
                limit?: number | null;
            };
            header?: never;
            path: {
                customer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unmask: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                customer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Unmask"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentifyingValue"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dashboards: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dashboard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    writeDashboard: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteDashboard"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeDashboard: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    definitions: {
        parameters: {
            query: {
                /** @description Which kind. */
                kind: "source" | "table" | "trait" | "segment" | "journey" | "model" | "offer" | "policy";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionFile"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    writeDefinition: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                kind: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteDefinition"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explore: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskShelves"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShelvesAnswer"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    behindGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskGroup"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerPage"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportShelves: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportShelves"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    home: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Home"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undoIdentity: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                event: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeBack"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewJob"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Job"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    journeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedJourney"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    askJourney: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskJourney"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyAnswer"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    behindJourney: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskBehind"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerPage"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lineage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LineageGraph"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loads: {
        parameters: {
            query?: {
                /** @description Only of this source. */
                source?: string | null;
                /** @description At most so many, up to 1,000; 100 when absent. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Load"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeKey"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    passkeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addPasskey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPasskey"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginPasskey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyCreation"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removePasskey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renamePasskey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenamePasskey"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginSecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolment"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirmSecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeSecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordAndCode"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelLine"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actOnModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActOnModel"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelLine"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    modelCard: {
        parameters: {
            query?: {
                /** @description `zh` or `en`; `en` when absent. */
                language?: string | null;
                /** @description `light` or `dark`; `light` when absent. */
                theme?: string | null;
            };
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferFacts"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    policies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyFacts"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    quality: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TableQuality"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    quarantine: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineCount"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    quarantinedRecords: {
        parameters: {
            query?: {
                /** @description Only of this source. */
                source?: string | null;
                /** @description With the records themselves; needs leave of its own and is on the audit log. */
                raw?: boolean;
                /** @description At most so many, up to 1,000; 50 when absent. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinedRecord"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportSegment: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportSegment"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    members: {
        parameters: {
            query: {
                /** @description What for. */
                purpose: components["schemas"]["Purpose"];
                /** @description A name, or an expression `a & b - c`. */
                expression: string;
                /** @description Those after this customer. */
                after?: number | null;
                /** @description At most so many, up to 1,000; 100 when absent. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerPage"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segments: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentLine"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewSegment: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewSegment"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentPreview"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment: {
        parameters: {
            query: {
                /** @description What the answer is used for. */
                purpose: components["schemas"]["Purpose"];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Segment"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginOidc: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BeginOidc"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OidcPlace"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finishOidc: {
        parameters: {
            query?: {
                /** @description Which sign-on it was. */
                state?: string | null;
                /** @description What its tokens are to be had for. */
                code?: string | null;
                /** @description Why there is none. */
                error?: string | null;
                /** @description Who answers. */
                iss?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signInWithPasskey: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyAnswer"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    passkeyChallenge: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyChallenge"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    waysIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaysIn"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOutEverywhere: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceFacts"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sql: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Question"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rows"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportSql: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportQuestion"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sqlLineage: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Question"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ColumnLineage"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimePassword"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeUser"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description `1`, in requests of a session */
                "x-florin"?: string;
            };
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimePassword"];
                };
            };
            /** @description refused or failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
