namespace Aegis.ExtensionsAI;

/// <summary>One answer that a layer below has read and let out, and what it has charged for it. Its parts lead here, so that only the cost of what was really shown is not charged again.</summary>
internal sealed class ReleasedAnswer
{
    private TokenUsage _charged;

    /// <summary>Known when the answer has ended.</summary>
    public TokenUsage Charged
    {
        get
        {
            lock (this)
            {
                return _charged;
            }
        }

        set
        {
            lock (this)
            {
                _charged = value;
            }
        }
    }
}
