namespace Aegis;

/// <summary>What becomes of a request whose sender is not signed in.</summary>
public enum AnonymousUsers
{
    /// <summary>The sender is asked to sign in: the app's default challenge, else 401.</summary>
    Refuse,

    /// <summary>The sender becomes a visitor, whom this server has named: 128 random bits, encrypted and signed by ASP.NET Core's data protection. Whoever brings no such name gets a new one; one that another server made, or that was changed, is refused.</summary>
    Visitor,
}
