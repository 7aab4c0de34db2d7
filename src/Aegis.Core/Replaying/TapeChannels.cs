namespace Aegis.Replaying;

/// <summary>Who is heard on a tape.</summary>
internal static class TapeChannels
{
    public const string Clock = "clock";
    public const string Memory = "memory";
    public const string Placeholders = "placeholders";
    public const string Placed = "placed";
    public const string Missed = "missed";
    public const string Told = "told";
    public const string Pins = "pins";
    public const string PinsRefuse = "pins/refuse";
    public const string Integrity = "integrity";
    public const string Charge = "charge";
    public const string Amounts = "amounts";
    public const string Guards = "guards";
    public const string Unread = "unread";
    public const string WantsJudge = "judge/wanted";
    public const string Judged = "judged";
    public const string JudgeBefore = "judge/before";
    public const string JudgeRequest = "judge/request";
    public const string JudgeKnown = "judge/known";
    public const string JudgeEstimate = "judge/estimate";
    public const string JudgeAnswer = "judge/answer";
    public const string Extraction = "extraction";
    public const string HasApprover = "approver/is-there";
    public const string Approver = "approver";

    private const string Instance = "instance";

    /// <summary>Whether a channel is that of a session's states.</summary>
    public static bool IsSession(string channel) => channel is Instance or { Length: 64 };

    /// <summary>The states of a session.</summary>
    public static string Of(SessionId session) => session.Origin == SessionOrigin.Instance ? Instance : session.ToStorageKey();   // a guard's own account has another name in each process
}
