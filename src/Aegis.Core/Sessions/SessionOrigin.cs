namespace Aegis;

/// <summary>Who named a session.</summary>
internal enum SessionOrigin : byte
{
    /// <summary>The host, by <see cref="AegisScope"/> or by itself.</summary>
    Host,

    /// <summary>The provider, by a conversation id.</summary>
    Conversation,

    /// <summary>Nobody: the session lasts for one run, its windows count on the guard instance.</summary>
    Anonymous,

    /// <summary>The guard instance, for the windows of all that is anonymous.</summary>
    Instance,

    /// <summary>The host, of a user: the account that all sessions of the user share.</summary>
    Principal,

    /// <summary>The host, of a tenant: the account that all sessions of its users share.</summary>
    Tenant,
}
