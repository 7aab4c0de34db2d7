namespace Aegis.Policies;

/// <summary>For whom an alert rule counts apart.</summary>
public enum AlertScope
{
    /// <summary>For nobody: everything together.</summary>
    All,

    /// <summary>For each session. Requests without a session count together.</summary>
    Session,

    /// <summary>For each user in all sessions; where nobody says who the user is, for each session.</summary>
    Principal,

    /// <summary>For each tenant; requests without one count together.</summary>
    Tenant,
}
