namespace Aegis;

/// <summary>How a <see cref="ChatClientJudge"/> asks.</summary>
public sealed record ChatClientJudgeOptions : ChatClientCallOptions
{
    /// <summary>As it asks unless said otherwise.</summary>
    public ChatClientJudgeOptions()
        : base(250)
    {
    }
}
