namespace Aegis;

/// <summary>What a finding means for the run that it is found in.</summary>
internal enum RunEnd
{
    /// <summary>The run goes on.</summary>
    No,

    /// <summary>The run is spent; the model may say a last word without tools.</summary>
    Gracefully,

    /// <summary>The run is over.</summary>
    Now,
}
