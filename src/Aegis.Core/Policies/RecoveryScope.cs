namespace Aegis.Policies;

/// <summary>For whom attacks are counted, and who is locked.</summary>
public enum RecoveryScope
{
    /// <summary>The conversation.</summary>
    Session,

    /// <summary>The signed-in user, in all conversations; where nobody says who that is, the conversation.</summary>
    Principal,
}
