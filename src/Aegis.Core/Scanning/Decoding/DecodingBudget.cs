namespace Aegis.Scanning.Decoding;

/// <summary>How much may be decoded of one text: twice its length, over all encodings and layers.</summary>
internal sealed class DecodingBudget
{
    /// <summary>Layers of encodings.</summary>
    public const int MaxDepth = 3;

    public int Left { get; private set; }

    /// <summary>Whether something was left undecoded.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Begins anew, for a text of so many characters.</summary>
    public void Begin(int length) => (Left, IsSpent) = ((int)Math.Min(2L * length, int.MaxValue), false);

    /// <summary>Something was longer than what was left, or written over more than so many times.</summary>
    public void Overrun() => IsSpent = true;

    /// <summary>Pays for characters that were decoded; false: they are not read.</summary>
    public bool Take(int characters)
    {
        if (characters > Left)
        {
            IsSpent = true;
            return false;
        }

        Left -= characters;
        return true;
    }
}
