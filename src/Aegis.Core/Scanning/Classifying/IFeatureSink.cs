namespace Aegis.Scanning.Classifying;

/// <summary>Hears of features as they are read, from left to right.</summary>
internal interface IFeatureSink
{
    /// <summary>Whether a feature makes no difference: it is not counted.</summary>
    /// <param name="feature">Its number.</param>
    bool Ignores(int feature);

    /// <summary>Units begin.</summary>
    /// <param name="start">Their first character.</param>
    /// <param name="units">How many: features that follow are of the last.</param>
    void Begin(int start, int units);

    /// <summary>A feature of the last unit that began.</summary>
    /// <param name="feature">Its number, below <see cref="FeatureReader.Count"/>.</param>
    void Add(int feature);

    /// <summary>A feature that counts already in the window that ends here: it now counts for the last unit.</summary>
    /// <param name="feature">Its number.</param>
    /// <param name="units">How many units before the last it counted.</param>
    void Move(int feature, int units);
}
