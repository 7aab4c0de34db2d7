namespace Aegis.Scanning.Classifying;

/// <summary>The window of a text whose features weigh most.</summary>
internal ref struct WindowSum : IFeatureSink
{
    private readonly ReadOnlySpan<sbyte> _weights;
    private readonly Span<int> _sums;      // of each unit in the window
    private readonly Span<int> _starts;    // its first character
    private int _unit = -1;
    private int _sum;
    private bool _isOpen;    // whether the current sum has not been compared

    /// <param name="weights">What each feature weighs.</param>
    /// <param name="memory">Two windows of numbers.</param>
    public WindowSum(ReadOnlySpan<sbyte> weights, Span<int> memory)
    {
        _weights = weights;
        _sums = memory[..FeatureReader.Window];
        _starts = memory.Slice(FeatureReader.Window, FeatureReader.Window);
        _sums.Clear();
    }

    /// <summary>The largest sum so far.</summary>
    public int Best { get; private set; } = int.MinValue;

    /// <summary>The first character of its first unit.</summary>
    public int Start { get; private set; }

    /// <summary>The first character of its last unit.</summary>
    public int Last { get; private set; }

    public readonly bool Ignores(int feature) => _weights[feature] == 0;

    public void Begin(int start, int units)
    {
        Compare();
        for (var i = 0; i < units; i++)
        {
            var slot = ++_unit & (FeatureReader.Window - 1);
            _sum -= _sums[slot];
            (_sums[slot], _starts[slot]) = (0, start);
        }

        _isOpen = true;
    }

    public void Add(int feature)
    {
        var weight = _weights[feature];
        _sums[_unit & (FeatureReader.Window - 1)] += weight;
        _sum += weight;
    }

    public void Move(int feature, int units)
    {
        var weight = _weights[feature];
        _sums[(_unit - units) & (FeatureReader.Window - 1)] -= weight;
        _sums[_unit & (FeatureReader.Window - 1)] += weight;
    }

    /// <summary>Ends the text.</summary>
    public void Compare()
    {
        if (_isOpen && _sum > Best)
        {
            Best = _sum;
            Start = _starts[Math.Max(0, _unit - FeatureReader.Window + 1) & (FeatureReader.Window - 1)];
            Last = _starts[_unit & (FeatureReader.Window - 1)];
        }
    }
}
